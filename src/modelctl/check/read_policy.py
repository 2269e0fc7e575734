"""Reads what a settings file says: its sound parts as a Policy, and the rest as problems."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from modelctl.catalog.folder import label_of
from modelctl.catalog.parse import Document, parse
from modelctl.check.policy import NONE, Policy, PolicyFile
from modelctl.check.registry import RULES
from modelctl.text.nearest import nearest

LEVELS = ("error", "warning", "info", "off")


def read_policy(file: PolicyFile | None) -> Policy:
    """The policy of a settings file; that of none where there is no file. Never raises for what the file says."""
    if file is None:
        return NONE
    label = label_of(file.path)
    if file.path.suffix == ".toml":
        return _policy(Document(label, "", tomllib.loads(file.raw.decode())["tool"]["modelctl"]))
    document = parse(file.raw, label)
    return Policy(problems=document.problems) if document.problems else _policy(document)


def _policy(document: Document) -> Policy:
    data = {} if document.data is None else document.data
    if not isinstance(data, dict):
        return Policy(problems=(document.problem("bad-settings", "a mapping is expected here"),))
    wrong = list(_wrong(data))
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


def _wrong(data: Mapping[str, Any]) -> Iterator[_Wrong]:
    for key, value in data.items():
        if key not in _KEYS:
            yield (key,), f"`{key}` is not a setting; there are {', '.join(_KEYS)}", _near(key, _KEYS)
        elif key == "severities":
            yield from _wrong_severities(value)
        elif key == "max_price":
            if not _is_price(value):
                yield (key,), "`max_price` takes `input` and `output`, in USD per 1M tokens", "{input: 10, output: 50}"
        elif key == "name_pattern":
            if not _is_pattern(value):
                yield (key,), "`name_pattern` takes a regular expression", None
        elif not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            yield (key,), f"`{key}` takes a list of texts", None


def _wrong_severities(value: object) -> Iterator[_Wrong]:
    if not isinstance(value, dict):
        yield ("severities",), "`severities` maps rules to levels", "{retired-model: error}"
        return
    for rule, level in value.items():
        if rule not in RULES:
            yield ("severities", rule), f"there is no rule `{rule}`", _near(rule, tuple(RULES))
        elif _level(level) not in LEVELS:
            yield ("severities", rule), f"a severity is one of {', '.join(LEVELS)}", None
        elif RULES[rule].fixed and _level(level) != "error":
            yield ("severities", rule), f"`{rule}` stays an error: a file with it cannot be understood", None


def _level(value: object) -> str:
    """YAML 1.1 takes `off` for false."""
    return "off" if value is False else str(value)


def _is_price(value: object) -> bool:
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
