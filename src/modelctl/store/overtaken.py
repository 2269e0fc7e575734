"""What becomes of a change that was acknowledged, when the store lost it and went on from before it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from modelctl.state.selection import HistoryEntry, Selections

WHY = "acknowledged before the store lost it"


def last_common(ours: Mapping[int, str], theirs: Mapping[int, str]) -> int | None:
    """The newest version that both have by the same token; None where nothing tells that they parted."""
    newest = max(ours, default=0)
    if newest not in theirs or ours[newest] == theirs[newest]:
        return None
    return max((version for version, token in ours.items() if theirs.get(version) == token), default=min(theirs) - 1)


def merged(
    ours: Selections, theirs: Selections, lost: Sequence[HistoryEntry], since: Sequence[HistoryEntry]
) -> Selections:
    """`lost`: what we acknowledged and they lack; `since`: what they did instead.

    A route that only we changed is as we left it; on one that both changed, the newest choice is on top.
    """
    touched = {entry.route for entry in since}
    found = dict(theirs)
    for route in sorted({entry.route for entry in lost if entry.route is not None}):
        if route not in touched:
            found[route] = ours.get(route, ())
            continue
        stack = dict.fromkeys((*found.get(route, ()), *ours.get(route, ())))
        found[route] = tuple(sorted(stack, key=lambda selection: selection.at))
    return {route: stack for route, stack in found.items() if stack}


def returned(lost: Sequence[HistoryEntry], at: float) -> list[HistoryEntry]:
    """What history tells of it, oldest first. `lost`: newest first, as the store gives it."""
    return [replace(entry, action="return", at=at, reason=entry.reason or WHY, version=0) for entry in reversed(lost)]
