"""The YAML lines to change, where there is one right answer; what a rule knows of that stands in the rule."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import ndiff
from pathlib import Path
from textwrap import dedent

import yaml

from modelctl.check.fixes import file_of, fixed
from modelctl.check.quoting import masked
from modelctl.errors import Problem

_SETTING = re.compile(r"(\w+_settings)\.(\w+): (.+)")  # a hint that names a setting and its value
_BOM = "\ufeff"


def of_problem(problem: Problem, together: Sequence[Problem], root: Path) -> str | None:
    """The lines as they should be, mended by the rule itself; `together` are all problems of that line."""
    return _setting_of(problem.hint) or _mended(problem, together, root)


def setting(section: str, key: str, value: object) -> str:
    """A setting as a config file says it."""
    text: str = yaml.safe_dump({section: {key: value}}, default_flow_style=False, sort_keys=False)
    return text.rstrip("\n")


def plain(value: object) -> bool:
    """A value that people write, and whose text says all of it."""
    return isinstance(value, (bool, int, float, str)) or (
        isinstance(value, list) and bool(value) and all(isinstance(item, (bool, int, float, str)) for item in value)
    )


def _setting_of(hint: str | None) -> str | None:
    match = _SETTING.fullmatch(hint or "")
    return f"{match[1]}:\n  {match[2]}: {match[3]}" if match else None


def _mended(problem: Problem, together: Sequence[Problem], root: Path) -> str | None:
    path = file_of(problem, root)
    if path is None:
        return None
    before = path.read_text(encoding="utf-8").removeprefix(_BOM)
    after, mended = fixed(before, together)
    old, new = masked(before), masked(after)
    if problem not in mended or old is None or new is None:
        return None
    lines = [line[2:] for line in ndiff(old.splitlines(), new.splitlines()) if line.startswith("+ ")]
    return dedent("\n".join(lines)) or None
