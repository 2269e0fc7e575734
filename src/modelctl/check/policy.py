"""`modelctl.yaml` beside the catalog or the config file (or `[tool.modelctl]` in pyproject.toml): how to check.

    severities: {retired-model: error, drop-params: off}   # error, warning, info or off, by rule id
    other_keys: [owebui_params, general_settings.team]     # keys that other tools read in the same file
    required_tags: ["team:*"]                              # each model has a tag like each of these
    allowed_providers: [openai, anthropic, azure]          # prefixes of model strings
    max_price: {input: 10, output: 50}                     # USD per 1M tokens
    name_pattern: "[a-z0-9.-]+"                            # what public names look like, from first to last letter

All of it is optional.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from modelctl.catalog.folder import MAX_BYTES, label_of
from modelctl.errors import Problem
from modelctl.text.nearest import nearest

if TYPE_CHECKING:
    from modelctl.catalog.parse import Document

FILE = "modelctl.yaml"
LEVELS = ("error", "warning", "info", "off")


class _Fixed(Protocol):
    """Of a rule only this is asked here: whether its severity is fixed."""

    @property
    def fixed(self) -> bool: ...


Rules = Mapping[str, _Fixed]
"""All rules by id. Handed in: the registry builds on subjects, which hold a policy."""


@dataclass(frozen=True)
class Policy:
    """What the file says, sound parts only; `problems` are the rest."""

    severities: Mapping[str, str] = field(default_factory=dict)
    other_keys: tuple[str, ...] = ()
    required_tags: tuple[str, ...] = ()
    allowed_providers: tuple[str, ...] = ()
    max_price: Mapping[str, float] = field(default_factory=dict)
    name_pattern: str | None = None
    problems: tuple[Problem, ...] = ()

    def other(self, section: str, key: str) -> bool:
        """Whether another tool reads this key."""
        full = f"{section}.{key}" if section else key
        return any(fnmatchcase(full, pattern) or fnmatchcase(key, pattern) for pattern in self.other_keys)


NONE = Policy()


@dataclass(frozen=True)
class Source:
    """A settings file and its bytes; parsed only when they are needed."""

    path: Path
    raw: bytes

    def settings(self, rules: Rules) -> Policy:
        """Never raises for what the file says. `rules` are all that there are."""
        from modelctl.catalog.parse import Document, parse  # PyYAML: a result that is kept does without

        label = label_of(self.path)
        if self.path.suffix == ".toml":
            import tomllib

            return of(Document(label, "", tomllib.loads(self.raw.decode())["tool"]["modelctl"]), rules)
        document = parse(self.raw, label)
        return Policy(problems=document.problems) if document.problems else of(document, rules)


def beside(path: Path) -> Source | None:
    """The settings for a catalog folder or a config file: the nearest from its folder up to the repository's root."""
    folder = path.absolute().parent
    for each in (folder, *folder.parents):
        if found := _own(each / FILE) or _in_project(each / "pyproject.toml"):
            return found
        if (each / ".git").exists():
            return None
    return None


def _own(path: Path) -> Source | None:
    try:
        return Source(path, path.read_bytes()[:MAX_BYTES])
    except OSError:
        return None


def _in_project(path: Path) -> Source | None:
    """A pyproject.toml with `[tool.modelctl]`. One that is broken is not ours to report."""
    source = _own(path)
    if source is None or b"tool.modelctl" not in source.raw:
        return None
    import tomllib

    try:
        found = tomllib.loads(source.raw.decode()).get("tool", {}).get("modelctl")
    except ValueError:
        return None
    return None if found is None else source


def of(document: Document, rules: Rules) -> Policy:
    """Sound parts and problems of what a settings file says."""
    data = {} if document.data is None else document.data
    if not isinstance(data, dict):
        return Policy(problems=(document.problem("bad-settings", "a mapping is expected here"),))
    wrong = list(_wrong(data, rules))
    problems = tuple(document.problem("bad-settings", text, path, hint=hint) for path, text, hint in wrong)
    bad = {path[0] for path, _, _ in wrong}
    sound: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in data.items() if key not in bad
    }
    if "severities" in bad and isinstance(data["severities"], dict):
        keys = {path[1] for path, _, _ in wrong if path[0] == "severities" and len(path) > 1}
        sound["severities"] = {rule: level for rule, level in data["severities"].items() if rule not in keys}
    if "severities" in sound:
        sound["severities"] = {rule: _level(level) for rule, level in sound["severities"].items()}
    return Policy(**sound, problems=problems)


_Wrong = tuple[tuple[str | int, ...], str, str | None]
_KEYS = ("severities", "other_keys", "required_tags", "allowed_providers", "max_price", "name_pattern")


def _wrong(data: Mapping[str, Any], rules: Rules) -> Iterator[_Wrong]:
    for key, value in data.items():
        if key not in _KEYS:
            yield (key,), f"`{key}` is not a setting; there are {', '.join(_KEYS)}", _near(key, _KEYS)
        elif key == "severities":
            yield from _wrong_severities(value, rules)
        elif key == "max_price":
            if not _is_price(value):
                yield (key,), "`max_price` takes `input` and `output`, in USD per 1M tokens", "{input: 10, output: 50}"
        elif key == "name_pattern":
            if not _is_pattern(value):
                yield (key,), "`name_pattern` takes a regular expression", None
        elif not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            yield (key,), f"`{key}` takes a list of texts", None


def _wrong_severities(value: Any, rules: Rules) -> Iterator[_Wrong]:
    if not isinstance(value, dict):
        yield ("severities",), "`severities` maps rules to levels", "{retired-model: error}"
        return
    for rule, level in value.items():
        if rule not in rules:
            yield ("severities", rule), f"there is no rule `{rule}`", _near(rule, tuple(rules))
        elif _level(level) not in LEVELS:
            yield ("severities", rule), f"a severity is one of {', '.join(LEVELS)}", None
        elif rules[rule].fixed and _level(level) != "error":
            yield ("severities", rule), f"`{rule}` stays an error: a file with it cannot be understood", None


def _level(value: Any) -> str:
    """YAML 1.1 takes `off` for false."""
    return "off" if value is False else str(value)


def _is_price(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() <= {"input", "output"}
        and all(isinstance(item, int | float) and not isinstance(item, bool) for item in value.values())
    )


def _is_pattern(value: Any) -> bool:
    try:
        re.compile(value)
    except (re.error, TypeError):
        return False
    return isinstance(value, str)


def _near(name: str, known: tuple[str, ...]) -> str | None:
    near = nearest(name, known)
    return f"did you mean `{near}`?" if near else None
