"""Selections whose model or route was removed: if it returns within the grace period, so do they."""

from __future__ import annotations

from collections.abc import Iterable

from modelctl.state import routes
from modelctl.state.desired import DesiredState
from modelctl.state.selection import HistoryEntry, Resting, Selection, Selections

GRACE_S = (
    120.0  # long enough for a slow copy or a checkout back and forth, short enough that people remember the choice
)


def settle(
    after: DesiredState, selections: Selections, resting: Iterable[Resting], now: float
) -> tuple[Selections, tuple[Resting, ...], list[HistoryEntry]]:
    """What publishing `after` does to the selections: those that stay or return, those that rest, and the history."""
    awake = [one for one in resting if now - one.since <= GRACE_S and one.selection.in_effect(now)]
    back = [one for one in awake if routes.settle(after, {one.route: (one.selection,)}, now)[0]]
    still = [one for one in awake if one not in back and not _decided(after, one.route, one.selection)]
    kept, entries = routes.settle(after, _with(selections, back), now)
    returned = [_entry(one, after, selections, now) for one in back if _counts(one, kept, now)]
    return kept, (*still, *_gone(after, selections, kept, now)), [*returned, *entries]


def _decided(after: DesiredState, route: str, selection: Selection) -> bool:
    """Whether a reviewed change has moved the route's default since: that change wins."""
    there = after.routes.get(route)
    return there is not None and selection.over != there.target and not selection.pinned


def _gone(after: DesiredState, before: Selections, kept: Selections, now: float) -> Iterable[Resting]:
    for route, stack in before.items():
        for selection in stack:
            if selection not in kept.get(route, ()) and not _decided(after, route, selection):
                yield Resting(now, route, selection)


def _with(selections: Selections, back: Iterable[Resting]) -> Selections:
    """Returned selections take their old place: what was chosen in the meantime stays on top."""
    merged = dict(selections)
    for each in back:
        stack = (*merged.get(each.route, ()), each.selection)
        merged[each.route] = tuple(sorted(stack, key=lambda selection: selection.at))
    return merged


def _counts(one: Resting, kept: Selections, now: float) -> bool:
    return routes.effective(kept.get(one.route, ()), now) == one.selection


def _entry(one: Resting, after: DesiredState, before: Selections, now: float) -> HistoryEntry:
    chosen = one.selection
    pointed = routes.effective(before.get(one.route, ()), now)
    was = pointed.target if pointed else after.routes[one.route].target
    return HistoryEntry(
        "return", now, chosen.actor, one.route, was, chosen.target, chosen.reason, after.revision, chosen.until
    )
