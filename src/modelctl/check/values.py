"""Values below values: texts, numbers and the like, with their paths."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def walk(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Every scalar below `value`, with its path."""
    if not isinstance(value, Mapping | list):
        yield path, value
        return
    for step, each in value.items() if isinstance(value, Mapping) else enumerate(value):
        if each.__class__ in (dict, list):
            yield from walk(each, (*path, step))
        else:
            yield (*path, step), each
