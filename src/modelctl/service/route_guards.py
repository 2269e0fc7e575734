"""Watches the guarded routes: reads what is counted, lets `guarding` decide, and moves the route."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from math import inf

from modelctl.errors import Problem
from modelctl.service.selecting import SelectionChange, described, pointed, why_not
from modelctl.service.service import Service
from modelctl.service.snapshot import Snapshot
from modelctl.state import guarding, routes
from modelctl.state.desired import DesiredState, Route
from modelctl.state.guarding import ACTOR, GuardLook, Move, RouteWatch, Stuck
from modelctl.state.recent_calls import Recent, Rows
from modelctl.state.selection import HistoryEntry
from modelctl.state.terms import Guard
from modelctl.store.usage_store import MINUTE, UsageStore

LOOKED_BACK = 200  # lines of history in which a route's last move is looked for after a start
BY = ("route", "model", "worker", "deployment")


class Guards:
    """The guards of one control plane; `turn` is called a few times a second. `steady` is a clock that never jumps."""

    def __init__(
        self,
        service: Service,
        kept: UsageStore,
        clock: Callable[[], float] = time.time,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._service, self._kept, self._clock, self._steady = service, kept, clock, steady
        self._recent = Recent()
        self._watches: dict[str, RouteWatch] = {}
        self._rows: tuple[object, Rows] = (None, {})

    def turn(self) -> None:
        """Raises StoreDown while figures or state cannot be read."""
        state = self._service.snapshot()
        guarded = _guarded(state.desired)
        self._watches = {name: watch for name, watch in self._watches.items() if name in guarded}
        if not guarded:
            self._recent = Recent()
            self._service.noted.pop(ACTOR, None)
            self._service.guards = ()
            return
        widest = max(guard.window_s for _, guard in guarded.values())
        now, wall = self._steady(), self._clock()
        self._recent = self._recent.look(self._read(wall, widest), now, wall, widest)
        looks = [self._one(state, route, guard, now) for route, guard in guarded.values()]
        self._service.guards = tuple(looks)
        self._service.noted[ACTOR] = tuple(_problem(look.route, look.stuck) for look in looks if look.stuck)

    def _read(self, wall: float, widest: float) -> Rows:
        """The usage that workers wrote for the window; read again only after a write, or in a new minute."""
        start = (wall - widest) // MINUTE * MINUTE
        stand = self._kept.stand(), start
        if stand != self._rows[0]:
            found = self._kept.sums(MINUTE, start, inf, BY, step=MINUTE)
            self._rows = stand, {(*key[1:], key[0]): figures for key, figures in found.items()}
        return self._rows[1]

    def _one(self, state: Snapshot, route: Route, guard: Guard, now: float) -> GuardLook:
        """Checks one route, and moves it where its guard says so."""
        target = state.targets[route.name]
        watch = self._watches.get(route.name) or self._met(route, guard, target, now)
        watch = self._watches[route.name] = watch.follow(target, now)
        left = _left(state, route)
        move = guarding.decide(
            guard, route, watch, left, candidates=_fit(state, route, target), recent=self._recent, now=now
        )
        move = move or self._arm(state, route, guard, watch, now=now)
        if isinstance(move, Move) and self._moved(route, watch, move):
            self._watches[route.name] = guarding.after(watch, guard, move, now)
        seen = guarding.within(guard, route, watch, self._recent, now=now)
        stuck = move.reason if isinstance(move, Stuck) else None
        return guarding.look(route, watch, left, seen, now=now, wall=self._clock(), stuck=stuck)

    def _arm(self, state: Snapshot, route: Route, guard: Guard, watch: RouteWatch, *, now: float) -> Move | None:
        """Of a split. A model that is proved is watched by its proof."""
        counts = routes.effective(state.head.selections.get(route.name, ()), state.now)
        arms = counts.split if counts else route.split
        if not arms or (counts and counts.proof):
            return None
        return guarding.leave_arm(guard, route, watch, arms, recent=self._recent, now=now)

    def _met(self, route: Route, guard: Guard, target: str, now: float) -> RouteWatch:
        """A route that is guarded from now on; a move from before a restart still counts for the cool-off."""
        entries = self._service.history(route.name, LOOKED_BACK)
        last = next((entry.at for entry in entries if entry.actor == ACTOR), None)
        return RouteWatch(target, now, now + guarding.free_in(last, guard, self._clock()))

    def _moved(self, route: Route, watch: RouteWatch, move: Move) -> bool:
        """False where somebody else was quicker: the next look sees another target."""

        def step(state: Snapshot) -> SelectionChange:
            there = state.need().routes.get(route.name)
            if there is None or state.targets.get(there.name) != watch.target:
                return SelectionChange(
                    route.name, state.head.selections, (), described(state.need(), None, move.to), watch.target
                )
            return _step(state, there, move, watch, wall=self._clock())

        return bool(self._service.act(step).step.entries)


def _problem(route: str, stuck: str) -> Problem:
    text = f"route `{route}`: {stuck}, and none of what its guard could switch to is fit"
    return Problem("guard-without-fallback", text, severity="warning", hint="modelctl use MODEL")


def _guarded(desired: DesiredState | None) -> Mapping[str, tuple[Route, Guard]]:
    routes_ = desired.routes if desired else {}
    return {name: (route, route.guard) for name, route in routes_.items() if route.guard is not None}


def _left(state: Snapshot, route: Route) -> str | None:
    """What the guard left: where the route would point without its choice, or the arm that it took out.

    None where the guard's choice is not what counts now.
    """
    stack = state.head.selections.get(route.name, ())
    counts = routes.effective(stack, state.now)
    if counts is None or counts.guarded is None:
        return None
    rest = {route.name: tuple(selection for selection in stack if selection is not counts)}
    before = pointed(route, rest, state.now)
    left = counts.guarded if before == counts.target else before
    return None if left in state.blocks else left


def _fit(state: Snapshot, route: Route, target: str) -> Iterator[str]:
    """Those of the candidates that would not be refused, looked for only where the guard has to go.

    A route's `choices` are what people may select, which a fallback need not be.
    """
    index = state.need()
    free = replace(route, choices="any")
    offered = index.desired.public_names
    for name in guarding.candidates(index.desired, route, target):
        if routes.covers(offered, name) and not why_not(free, index.target(name), state.unset, state.blocks):
            yield name


def _step(state: Snapshot, route: Route, move: Move, watch: RouteWatch, *, wall: float) -> SelectionChange:
    stack = guarding.moved(state.head.selections.get(route.name, ()), route, move, watch, now=wall)
    selections = {name: kept for name, kept in {**state.head.selections, route.name: stack}.items() if kept}
    to = pointed(route, selections, wall)
    action = "return" if move.back else "select"
    entry = HistoryEntry(
        action, wall, ACTOR, route.name, watch.target, to, move.reason, state.head.revision,
        split=routes.dealt(route, selections.get(route.name, ()), wall),
    )  # fmt: skip
    return SelectionChange(route.name, selections, (entry,), described(state.need(), None, to), watch.target)
