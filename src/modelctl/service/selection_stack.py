"""A route's selections as a stack: what a new one does to those below it, and what a rollback takes away."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

from modelctl.state.desired import Route
from modelctl.state.routes import effective
from modelctl.state.selection import Selection

MOST = 20  # how far `rollback` can go on one route
MOST_WAITING = 200  # selections that still come into effect when a time limit above them ends

Stack = tuple[Selection, ...]


def same(selection: Selection | None, other: Selection) -> bool:
    """Whether `other` would change nothing: the same target, arms, limit, pin and proof."""
    return selection is not None and _what(selection) == _what(other)


def _what(selection: Selection) -> tuple[object, ...]:
    return selection.target, selection.split, selection.until, selection.pinned, selection.proof


def pushed(stack: Stack, new: Selection, now: float) -> Stack:
    """With `new` on top. A limit that is renewed (or lifted) takes the place of what it renews.

    A limit over a choice of the same target without one is a choice of its own: when it ends, that one counts on.
    """
    top = effective(stack, now)
    alike = top is not None and top.target == new.target and (top.split is None) == (new.split is None)
    renews = alike and top is not None and (top.until is not None or new.until is None)
    below = tuple(selection for selection in stack if selection is not top) if renews else stack
    return trimmed((*below, new), now)


def trimmed(stack: Stack, now: float) -> Stack:
    """The newest `MOST`, and every older one that counts again when the time limits above it end."""
    if len(stack) <= MOST:
        return stack
    waiting = {id(one) for one in _waiting(stack, now)}
    first = len(stack) - MOST
    return tuple(selection for at, selection in enumerate(stack) if at >= first or id(selection) in waiting)


def _waiting(stack: Sequence[Selection], now: float) -> list[Selection]:
    """Selections that are in effect now or will be if nothing else happens: the lowest of them always stays."""
    found, longest = [], now
    for selection in reversed(stack):
        end = inf if selection.until is None else selection.until
        if end > longest:
            found.append(selection)
            longest = end
    return found if len(found) <= MOST_WAITING else [*found[: MOST_WAITING - 1], found[-1]]


def undone(stack: Stack, route: Route, now: float) -> tuple[Stack, Selection | None]:
    """Without the last selection that moved the route, and that selection; None where none did.

    What stands above it and changed nothing (a limit over the same target) goes with it.
    """
    kept, top = list(stack), effective(stack, now)
    while (last := effective(kept, now)) is not None and top is not None:
        kept = [one for one in kept if one is not last]
        after = effective(kept, now)
        if ((after.target, after.split) if after else (route.target, route.split)) != (top.target, top.split):
            return tuple(kept), top
    return stack, None
