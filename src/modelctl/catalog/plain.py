"""The plain part of YAML, read line by line: several times as quick as libyaml, which makes a node of each word.

Keys and values on one line, lists of these, quotes without escapes, short flow mappings, comments; in ASCII. Anything
else is not understood here (`UNKNOWN`), and then libyaml reads it. Where both read a text, they say the same: places
are asked of libyaml in any case, and tests compare the rest.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from math import isfinite
from typing import Any, NamedTuple

from yaml.nodes import ScalarNode

from modelctl.catalog.construct import CONSTRUCT, FLOAT
from modelctl.catalog.nodes import STR, tag_of

UNKNOWN = object()
"""Says nothing of the text: it may be sound or not."""

_KEY = r"[A-Za-z0-9_./][A-Za-z0-9_./-]{0,100}"
_QUOTED = r"\"[ !#-\[\]-~]*\"|'[ -&(-~]*'"
_PLAIN = r"(?:[A-Za-z0-9_./]|-(?=[0-9.]))(?:[!\"$-9;-~]|:(?=[!-~])| (?=[!\"$-~]))*"
_IN_FLOW = rf"{_QUOTED}|(?:[A-Za-z0-9_./]|-(?=[0-9.]))(?:[A-Za-z0-9_./@+*-]|:(?=[A-Za-z0-9_/]))*"
_PAIR = rf"(?:{_KEY}|{_QUOTED}): +(?:{_IN_FLOW})"
_FLOW = rf"\{{ *(?:{_PAIR}(?:, *{_PAIR})*)? *\}}|\[ *(?:(?:{_IN_FLOW})(?:, *(?:{_IN_FLOW}))*)? *\]"
_LINE = re.compile(
    rf"( *)(- +)?(?:({_KEY}|{_QUOTED}):(?: +({_PLAIN}|{_QUOTED}|{_FLOW}))?|(?<=[ ])({_PLAIN}|{_QUOTED}|{_FLOW}))"
    r"(?: +#[ -~]*)? *"
)
_NOTHING = re.compile(r" *(?:#[ -~]*)?")
_PAIRS = re.compile(rf"({_KEY}|{_QUOTED}): +({_IN_FLOW})")
_ITEMS = re.compile(_IN_FLOW)
_DEEPEST = 20


class _Unknown(Exception):
    pass


class _Line(NamedTuple):
    """What one line says by itself. `text` is the value as it is written where it is made anew with each reading."""

    column: int
    item: bool  # begins with a dash
    inner: int  # the column of what stands behind the dash
    key: str | None
    ends: bool  # the line has a value
    value: Any = None
    text: str = ""


def read(text: str) -> Any:
    """The value of a block at any indentation, or UNKNOWN."""
    try:
        lines = [line for line in map(_line, text.split("\n")) if line is not None]
        value, end = _block(lines, 0, 0) if lines else (None, -1)
    except _Unknown:
        return UNKNOWN
    return value if end == len(lines) else UNKNOWN


@lru_cache(maxsize=1 << 14)  # most lines of an entry stand in the others too
def _line(text: str) -> _Line | None:
    match = _LINE.fullmatch(text)
    if match is None:
        if _NOTHING.fullmatch(text) is None:
            raise _Unknown
        return None
    margin, dash, written, value, alone = match.groups()
    if dash is None and written is None:
        raise _Unknown  # text on a line of its own goes on with a value
    column, key = len(margin), None if written is None else _name(written)
    written = value if alone is None else alone
    head = column, dash is not None, column + len(dash or ""), key
    if written is None:
        return _Line(*head, ends=False)
    return _Line(*head, True, text=written) if written[0] in "[{" else _Line(*head, True, _value(written))


def _block(lines: list[_Line], at: int, depth: int) -> tuple[Any, int]:
    if depth > _DEEPEST:
        raise _Unknown
    return (_items if lines[at].item else _mapping)(lines, at, lines[at].column, depth)


def _items(lines: list[_Line], at: int, column: int, depth: int) -> tuple[list[Any], int]:
    found: list[Any] = []
    end = len(lines)
    while at < end and (line := lines[at]).item and line.column == column:
        if line.key is not None:
            lines[at] = line._replace(column=line.inner, item=False)
            value, at = _mapping(lines, at, line.inner, depth + 1)
            found.append(value)
            continue
        at += 1
        if at < end and lines[at].column > column:
            raise _Unknown  # a deeper line below would continue it
        found.append(_value(line.text) if line.text else line.value)
    return found, at


def _mapping(lines: list[_Line], at: int, column: int, depth: int) -> tuple[dict[str, Any], int]:
    found: dict[str, Any] = {}
    end = len(lines)
    while at < end and (line := lines[at]).column == column and not line.item:
        name = line.key
        if name is None or name in found:
            raise _Unknown
        at += 1
        if line.ends:
            if at < end and lines[at].column > column:
                raise _Unknown  # the same
            found[name] = _value(line.text) if line.text else line.value
            continue
        below = at < end and (lines[at].column > column or (lines[at].item and lines[at].column == column))
        found[name], at = _block(lines, at, depth + 1) if below else (None, at)
    return found, at


def _name(text: str) -> str:
    if text[0] in ("'", '"'):
        return text[1:-1]
    if tag_of(text) != STR:
        raise _Unknown
    return text


def _value(text: str) -> Any:
    first = text[0]
    if first in ("'", '"'):
        return text[1:-1]
    if first == "[":
        return [_value(each) for each in _ITEMS.findall(text)]
    if first == "{":
        pairs = _PAIRS.findall(text)
        found = {_name(key): _value(value) for key, value in pairs}
        if len(found) != len(pairs):
            raise _Unknown
        return found
    return _scalar(text)


@lru_cache(maxsize=1 << 14)
def _scalar(text: str) -> Any:
    tag = tag_of(text)
    if tag == STR:
        return text
    make: Callable[[Any], Any] | None = CONSTRUCT.get(tag)
    if make is None:
        raise _Unknown
    try:
        value = make(ScalarNode(tag, text))
    except (ValueError, KeyError, IndexError, AttributeError, OverflowError):
        raise _Unknown from None
    if tag == FLOAT and not isfinite(value):
        raise _Unknown
    return value
