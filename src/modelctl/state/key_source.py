"""Where a key comes from, as workers report it: never its value."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True, slots=True)
class KeySource:
    """A variable whose value stands in `file`. `since`: when the key that is used was written there (UTC seconds).

    `problem` says why what is in the file now is not used; the key from before serves on.
    """

    variable: str
    file: str
    since: float | None = None
    problem: str | None = None


def key_sources(rows: Iterable[Mapping[str, Any]]) -> tuple[KeySource, ...]:
    """Without the keys that a newer release may have written."""
    names = {each.name for each in fields(KeySource)}
    return tuple(KeySource(**{name: value for name, value in row.items() if name in names}) for row in rows)
