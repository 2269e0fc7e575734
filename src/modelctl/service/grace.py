"""Selections whose model or route was removed: if it returns within the grace period, so do they."""

from __future__ import annotations

from collections.abc import Iterable

from modelctl.state import routes
from modelctl.state.desired import DesiredState
from modelctl.state.selection import HistoryEntry, Resting, Selection, Selections

GRACE_S = 120.0  # long enough for a slow copy or a checkout back and forth, and the choice is still remembered


def settle(
    after: DesiredState, selections: Selections, resting: Iterable[Resting], now: float
) -> tuple[Selections, tuple[Resting, ...], list[HistoryEntry]]:
    """What publishing `after` does to the selections: those that stay or return, those that rest, and the history."""
    awake = [paused for paused in resting if now - paused.since <= GRACE_S and paused.selection.in_effect(now)]
    back = [paused for paused in awake if routes.settle(after, {paused.route: (paused.selection,)}, now)[0]]
    still = [paused for paused in awake if paused not in back and not _decided(after, paused.route, paused.selection)]
    kept, entries = routes.settle(after, _with(selections, back), now)
    returned = [_entry(paused, after, selections, now) for paused in back if _counts(paused, kept, now)]
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
    for paused in back:
        stack = (*merged.get(paused.route, ()), paused.selection)
        merged[paused.route] = tuple(sorted(stack, key=lambda selection: selection.at))
    return merged


def _counts(paused: Resting, kept: Selections, now: float) -> bool:
    return routes.effective(kept.get(paused.route, ()), now) == paused.selection


def _entry(paused: Resting, after: DesiredState, before: Selections, now: float) -> HistoryEntry:
    chosen = paused.selection
    pointed = routes.effective(before.get(paused.route, ()), now)
    was = pointed.target if pointed else after.routes[paused.route].target
    return HistoryEntry(
        "return", now, chosen.actor, paused.route, was, chosen.target, chosen.reason, after.revision, chosen.until
    )
