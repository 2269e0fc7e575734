"""Whether a value, or a set of entries, says less than another: then it may be half of what is being written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Groups = Mapping[str, Sequence[Mapping[str, Any]]]  # entries by public name


def lacks(before: object, after: object) -> bool:
    """Whether a key, an item, a value or a line of `before` is missing in `after`. Another value is none of these."""
    if before == after:
        return False
    if isinstance(before, dict) and isinstance(after, dict):
        return any(key not in after or lacks(value, after[key]) for key, value in before.items())
    if isinstance(before, (list, tuple)) and isinstance(after, (list, tuple)):
        return len(after) < len(before) or any(lacks(one, other) for one, other in zip(before, after, strict=False))
    if isinstance(before, str) and isinstance(after, str):
        return "\n" in before and before.startswith(after)
    return after is None


def entries_lack(before: Groups, after: Groups) -> bool:
    """The same of entries that differ: a group with fewer of them, or one that lacks a key."""
    return any(
        len(after.get(group, ())) < len(entries)
        or any(lacks(entry, other) for entry, other in zip(entries, after[group], strict=False))
        for group, entries in before.items()
    )
