"""When a guarded route leaves its target, and when it returns: pure decisions, no I/O.

What counts is calls of the target that were asked for by this route: a request that LiteLLM retried, or answered with a
fallback, counts against the target by its failed calls.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from modelctl.state import splitting
from modelctl.state.desired import DesiredState, Route
from modelctl.state.recent_calls import CallTally, Recent
from modelctl.state.routes import effective
from modelctl.state.selection import Arms, Selection
from modelctl.state.terms import FALLBACK, Guard
from modelctl.text.times import span
from modelctl.usage import bins

ACTOR = "guard"


@dataclass(frozen=True, slots=True)
class RouteWatch:
    """One route: its target, since when that is watched, and the moment before which the guard may not move it."""

    target: str
    since: float
    free_at: float

    def follow(self, target: str, now: float) -> RouteWatch:
        """The route has another target: calls from before that do not count for the guard."""
        return self if target == self.target else RouteWatch(target, now, self.free_at)


@dataclass(frozen=True, slots=True)
class GuardLook:
    """What a guard saw of its route when it last looked: the calls of the target within the window.

    `left`: the target that it left, where its own choice counts; before `rests_until` (wall time) it moves nothing.
    `stuck`: why it would move the route, where no other model is fit.
    """

    route: str
    target: str
    left: str | None
    calls: int
    failed: int
    p95_s: float | None
    rests_until: float | None
    stuck: str | None


@dataclass(frozen=True, slots=True)
class Move:
    """`arm`: the route stays, and this arm of its split leaves; `split` are those left, None: the target alone."""

    to: str
    reason: str
    back: bool = False
    arm: str | None = None
    split: Arms | None = None


@dataclass(frozen=True, slots=True)
class Stuck:
    """The target fails, and no other model is fit."""

    reason: str


def decide(
    guard: Guard,
    route: Route,
    watch: RouteWatch,
    left: str | None,
    *,
    candidates: Iterable[str],
    recent: Recent,
    now: float,
) -> Move | Stuck | None:
    """What the guard does now. `left`: the target that it had left, where its own choice counts.

    It makes at most one move within a cool-off, whichever way, and none to a model that fails.
    """
    if now < watch.free_at:
        return None
    start = now - guard.window_s
    known = left is not None and guard.back == "auto" and recent.began <= start
    if left is not None and known and not _fails(guard, recent.calls(left, start), 1):
        return Move(left, f"{span(guard.cool_off_s)} are over; `{left}` is watched again", back=True)
    calls = within(guard, route, watch, recent, now=now)
    if not _fails(guard, calls, guard.min_requests):
        return None
    reason = _why(guard, watch.target, calls)
    fit = (name for name in candidates if name != watch.target and not _fails(guard, recent.calls(name, start), 1))
    to = next(fit, None)
    return Move(to, reason) if to else Stuck(reason)


def look(
    route: Route, watch: RouteWatch, left: str | None, seen: CallTally, *, now: float, wall: float, stuck: str | None
) -> GuardLook:
    rests = wall + watch.free_at - now if watch.free_at > now else None
    p95 = _p95(seen) if seen.calls else None
    return GuardLook(route.name, watch.target, left, seen.calls, seen.failed, p95, rests, stuck)


def within(guard: Guard, route: Route, watch: RouteWatch, recent: Recent, *, now: float) -> CallTally:
    """The calls that count for the route's target now."""
    return recent.calls(watch.target, max(now - guard.window_s, watch.since), route.names)


def leave_arm(guard: Guard, route: Route, watch: RouteWatch, arms: Arms, *, recent: Recent, now: float) -> Move | None:
    """An arm beside the target that fails loses its share to the others."""
    if now < watch.free_at:
        return None
    start = max(now - guard.window_s, watch.since)
    for name, share in arms:
        calls = recent.calls(name, start, route.names)
        if share and name != watch.target and _fails(guard, calls, guard.min_requests):
            left = splitting.without(arms, name)
            return Move(watch.target, _why(guard, name, calls), arm=name, split=left if len(left) > 1 else None)
    return None


def _fails(guard: Guard, calls: CallTally, least: int) -> bool:
    if calls.calls < max(1, least):
        return False
    rate = guard.error_rate is not None and calls.failed >= guard.error_rate * calls.calls
    return rate or (guard.p95_s is not None and _p95(calls) > guard.p95_s)


def _p95(calls: CallTally) -> float:
    return next(iter(bins.quantiles(calls.took, [0.95])), 0.0)


def _why(guard: Guard, target: str, calls: CallTally) -> str:
    """The figures for the history entry."""
    reasons = []
    if guard.error_rate is not None and calls.failed >= guard.error_rate * calls.calls:
        share = f"{calls.failed / calls.calls:.0%}, {guard.error_rate:.0%} is the limit"
        reasons.append(f"{calls.failed} of {calls.calls} calls of `{target}` failed ({share})")
    if guard.p95_s is not None and _p95(calls) > guard.p95_s:
        slow = f"p95 of {calls.calls} calls of `{target}` was {_p95(calls):.3g} s ({guard.p95_s:g} s is the limit)"
        reasons.append(slow)
    return f"{' and '.join(reasons)} within {span(guard.window_s)}"


def candidates(desired: DesiredState, route: Route, target: str) -> list[str]:
    """Where the guard may go: what `then` names, or the fallbacks in their order."""
    guard = route.guard
    if guard is None or guard.then != FALLBACK:
        return [guard.then] if guard else []
    of_models = desired.fallbacks.get("fallbacks", {})
    inherited = of_models.get(target) or of_models.get(route.target) or []
    return list(dict.fromkeys([*(inherited if route.fallbacks is None else route.fallbacks), route.target]))


def moved(
    stack: Sequence[Selection], route: Route, move: Move, watch: RouteWatch, *, now: float
) -> tuple[Selection, ...]:
    """The route's selections after the move, `now` in wall time. The guard has one choice among them at most."""
    own = next((selection for selection in stack if selection.guarded is not None), None)
    rest = tuple(selection for selection in stack if selection is not own)
    if move.back:
        return rest
    left = own.guarded if own is not None and effective(stack, now) is own else watch.target
    return (
        *rest,
        Selection(move.to, route.target, ACTOR, now, move.reason, guarded=move.arm or left, split=move.split),
    )


def free_in(last: float | None, guard: Guard, wall: float) -> float:
    """Seconds for which the guard rests, where it moved the route at `last` (wall time); never over a cool-off."""
    return 0.0 if last is None else min(guard.cool_off_s, max(0.0, last + guard.cool_off_s - wall))


def after(watch: RouteWatch, guard: Guard, move: Move, now: float) -> RouteWatch:
    return replace(watch, target=move.to, since=now, free_at=now + guard.cool_off_s)
