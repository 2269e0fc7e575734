"""Whether a value is of a kind as LiteLLM reads values, and how a kind is called.

Kinds are those of `data.type_of`, `data.validated` and `data.at_start`: `int`, `list[str]`, `=free` (that text), ...
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime
from typing import Any

from modelctl.litellm_spec.value_shapes import is_boolean, is_count, is_number, is_put_off, is_text

NAMES = {
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "str": "text (in quotes)",
    "list": "a list",
    "dict": "a mapping",
    "time": "a date or a time",
}
_MANY = {"str": "texts (in quotes)", "dict": "mappings", "float": "numbers"}


def fits(kind: str, value: Any) -> bool:
    if kind.startswith("="):
        return bool(value == kind[1:])
    outer, _, inner = kind.removesuffix("]").partition("[")
    if not _FITS[outer](value):
        return False
    within = value.values() if isinstance(value, Mapping) else value
    return not inner or all(_FITS[inner](each) or is_put_off(each) for each in within)


def _named(kind: str) -> str:
    if kind.startswith("="):
        return f"`{kind[1:]}`"
    outer, _, inner = kind.removesuffix("]").partition("[")
    return f"{NAMES[outer]} of {_MANY[inner]}" if inner else NAMES[outer]


def names(kinds: Collection[str]) -> str:
    """For people: `a number or a whole number`."""
    return " or ".join(_named(kind) for kind in sorted(kinds) if kind != "digits")


def exact(value: object) -> str:
    """The one kind that a value is of: what is written, not what may be read from it."""
    if isinstance(value, str):
        return "digits" if is_number(value) else "str"
    return "dict" if isinstance(value, Mapping) else type(value).__name__


def _is_time(value: object) -> bool:
    """A date, seconds since 1970, or a text of either."""
    if isinstance(value, str):
        try:
            datetime.fromisoformat(value)
        except ValueError:
            return bool(re.fullmatch(r"-?\d+(\.\d+)?", value))
        return True
    number = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= _LAST_MOMENT
    return number or isinstance(value, date)


_LAST_MOMENT = 253402300799999  # milliseconds: the end of the year 9999
_FITS: dict[str, Callable[[Any], bool]] = {
    "int": is_count,
    "float": is_number,
    "bool": is_boolean,
    "str": is_text,
    "list": lambda value: isinstance(value, list),
    "dict": lambda value: isinstance(value, Mapping),
    "time": _is_time,
}
