"""`modelctl.yaml` beside the catalog or the config file (or `[tool.modelctl]` in pyproject.toml): how to check.

    severities: {retired-model: error, drop-params: off}   # error, warning, info or off, by rule id
    other_keys: [owebui_params, general_settings.team]     # keys that other tools read in the same file
    required_tags: ["team:*"]                              # each model has a tag like each of these
    allowed_providers: [openai, anthropic, azure]          # prefixes of model strings
    max_price: {input: 10, output: 50}                     # USD per 1M tokens
    name_pattern: "[a-z0-9.-]+"                            # what public names look like, from first to last letter

Every key is optional.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from modelctl.catalog.folder import MAX_BYTES
from modelctl.errors import Problem

FILE = "modelctl.yaml"


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
class PolicyFile:
    """A settings file and its bytes; `read_policy` parses them, and a cached result needs no parser."""

    path: Path
    raw: bytes


def beside(path: Path) -> PolicyFile | None:
    """The settings for a catalog folder or a config file: the nearest from its folder up to the repository's root."""
    folder = path.absolute().parent
    for each in (folder, *folder.parents):
        if found := _own(each / FILE) or _in_project(each / "pyproject.toml"):
            return found
        if (each / ".git").exists():
            return None
    return None


def _own(path: Path) -> PolicyFile | None:
    try:
        return PolicyFile(path, path.read_bytes()[:MAX_BYTES])
    except OSError:
        return None


def _in_project(path: Path) -> PolicyFile | None:
    """A pyproject.toml with `[tool.modelctl]`. One that is broken is not ours to report."""
    source = _own(path)
    if source is None or b"tool.modelctl" not in source.raw:
        return None
    import tomllib  # few projects have their settings there

    try:
        found = tomllib.loads(source.raw.decode()).get("tool", {}).get("modelctl")
    except ValueError:
        return None
    return None if found is None else source
