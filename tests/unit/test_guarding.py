"""When a guarded route moves and returns: on a simulated route, with clocks of its own."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modelctl.state import guarding
from modelctl.state.desired import DesiredState, Route
from modelctl.state.guarding import Move, RouteWatch, Stuck
from modelctl.state.recent_calls import JUMP_S, CallTally, Recent
from modelctl.state.routes import effective
from modelctl.state.selection import Selection
from modelctl.state.terms import Guard
from modelctl.usage.figures import Figures
from support.effort import examples

GUARD = Guard(error_rate=0.2, window_s=60, min_requests=20, cool_off_s=600)
ROUTE = Route("active", "a", fallbacks=("b", "c"), guard=GUARD)
MODELS = ("a", "b", "c")


@dataclass
class Simulated:
    """One route under a guard. `at` never jumps, `wall` may."""

    route: Route = ROUTE
    at: float = 1000.0
    wall: float = 1_800_000_000.0
    rows: dict[tuple[str, str, float], Figures] = field(default_factory=dict)
    recent: Recent = field(default_factory=Recent)
    stack: tuple[Selection, ...] = ()
    moves: list[tuple[float, Move]] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.watch = RouteWatch(self.route.target, self.at, self.at)
        self.look()

    @property
    def target(self) -> str:
        one = effective(self.stack, self.wall)
        return one.target if one else self.route.target

    def calls(self, model: str, good: int = 0, bad: int = 0, *, asked: str = "active", kind: str = "upstream",
              seconds: float = 1.0) -> None:  # fmt: skip
        figures = self.rows.setdefault((asked, model, self.wall // 60 * 60), Figures())
        self.rows = dict(self.rows)  # another answer of the store
        for number in range(good + bad):
            figures.add("attempts")
            figures.took("attempt", seconds)
            if number >= good:
                figures.add(f"attempts_{kind}")

    def passes(self, seconds: float, jump: float = 0.0) -> None:
        self.at, self.wall = self.at + seconds, self.wall + seconds + jump

    def look(self) -> Move | Stuck | None:
        guard = self.route.guard
        assert guard is not None
        start = self.wall - guard.window_s - 60
        rows = {key: figures for key, figures in self.rows.items() if key[2] >= start}
        self.recent = self.recent.look(rows, self.at, self.wall, guard.window_s)
        self.watch = self.watch.follow(self.target, self.at)
        own = effective(self.stack, self.wall)
        left = self.route.target if own and own.guarded else None
        choices = guarding.candidates(DesiredState({}), self.route, self.target)
        found = guarding.decide(
            guard, self.route, self.watch, left, candidates=choices, recent=self.recent, now=self.at
        )
        if isinstance(found, Move):
            self.stack = guarding.moved(self.stack, self.route, found, self.watch, now=self.wall)
            self.watch = guarding.after(self.watch, guard, found, self.at)
            self.moves.append((self.at, found))
        if isinstance(found, Stuck):
            self.stuck.append(found.reason)
        return found


def test_a_target_that_fails_is_left_for_the_first_fallback_with_the_figures() -> None:
    one = Simulated()
    one.calls("a", good=15, bad=5)
    one.passes(2)
    found = one.look()
    assert found == Move("b", "5 of 20 calls of `a` failed (25%, 20% is the limit) within 60 s")
    assert (one.target, one.stack[0].guarded, one.stack[0].actor) == ("b", "a", "guard")


@pytest.mark.parametrize(
    ("good", "bad", "kind"), [(19, 0, "upstream"), (0, 19, "upstream"), (17, 3, "upstream"), (20, 20, "bad_request")]
)
def test_few_calls_few_failures_and_what_clients_spoil_move_nothing(good: int, bad: int, kind: str) -> None:
    one = Simulated()
    one.calls("a", good, bad, kind=kind)
    one.passes(2)
    assert (one.look(), one.target) == (None, "a")


def test_a_slow_target_is_left() -> None:
    one = Simulated(replace(ROUTE, guard=replace(GUARD, error_rate=None, p95_s=5.0)))
    one.calls("a", good=30, seconds=2.0)
    one.passes(2)
    assert one.look() is None
    one.calls("a", good=30, seconds=9.0)
    one.passes(2)
    found = one.look()
    assert isinstance(found, Move)
    assert re.match(r"p95 of 60 calls of `a` was (8\.9|9)\S* s \(5 s is the limit\) within 60 s", found.reason)


def test_what_lies_before_the_window_is_forgotten() -> None:
    one = Simulated()
    one.calls("a", bad=19)
    one.passes(2)
    one.look()
    one.passes(61)
    one.calls("a", bad=1)
    assert one.look() is None


def test_calls_by_another_route_do_not_move_this_one() -> None:
    one = Simulated()
    one.calls("a", bad=50, asked="other")
    one.passes(2)
    assert one.look() is None


def test_a_fallback_that_fails_itself_is_passed_over() -> None:
    one = Simulated()
    one.calls("b", good=1, bad=1, asked="other")
    one.calls("a", bad=20)
    one.passes(2)
    one.look()
    assert one.target == "c"


def test_where_nothing_is_fit_it_stays_and_says_so() -> None:
    one = Simulated()
    for model in MODELS:
        one.calls(model, bad=20)
    one.passes(2)
    assert isinstance(one.look(), Stuck)
    assert one.target == "a"


def test_it_returns_after_the_cool_off_and_not_while_the_target_fails_for_others() -> None:
    one = Simulated()
    one.calls("a", bad=20)
    one.passes(2)
    one.look()
    one.passes(599)
    assert (one.look(), one.target) == (None, "b")
    one.calls("a", bad=1, asked="other")
    one.passes(2)
    assert (one.look(), one.target) == (None, "b")
    one.passes(61)
    found = one.look()
    assert isinstance(found, Move)
    assert (found.back, one.target, one.stack) == (True, "a", ())


def test_by_hand_it_does_not_return() -> None:
    one = Simulated(replace(ROUTE, guard=replace(GUARD, back="hand")))
    one.calls("a", bad=20)
    one.passes(2)
    one.look()
    one.passes(10_000)
    assert (one.look(), one.target) == (None, "b")


def test_a_choice_of_people_is_guarded_too_and_counts_from_its_beginning() -> None:
    one = Simulated()
    one.calls("c", good=1, bad=19)  # as a fallback, before anybody chose it
    one.passes(2)
    one.look()
    one.stack = (Selection("c", "a", "ada", one.wall),)
    assert one.look() is None
    one.calls("c", bad=20)
    one.passes(2)
    one.look()
    assert (one.target, one.stack[-1].guarded) == ("b", "c")


@pytest.mark.parametrize("jump", [-86_400.0, -3600.0, -90.0, 90.0, 3600.0, 86_400.0])
def test_a_clock_that_jumps_moves_nothing(jump: float) -> None:
    one = Simulated()
    one.calls("a", bad=19)
    if jump < 0:
        one.wall += jump
        one.calls("a", bad=19)  # what lies where the clock jumps to was known to nobody
        one.wall -= jump
    one.passes(2)
    one.look()
    one.passes(2, jump)
    assert (one.look(), one.target) == (None, "a")
    one.calls("a", bad=20)
    one.passes(2)
    one.look()
    assert one.target == "b"  # it goes on watching
    one.passes(2, jump)
    assert (one.look(), one.target) == (None, "b")
    one.passes(600)
    one.look()
    assert one.target == "a"


def test_a_file_that_is_made_anew_counts_nothing_twice() -> None:
    one = Simulated()
    one.calls("a", bad=15)
    one.passes(2)
    one.look()
    before, one.rows = one.rows, {}
    one.passes(2)
    one.look()
    one.rows = before  # the workers write their minute again, whole
    one.passes(2)
    assert one.look() is None
    assert one.recent.calls("a", 0).failed == 15


steps = st.one_of(
    st.tuples(st.just("calls"), st.sampled_from(MODELS), st.integers(0, 40), st.integers(0, 40)),
    st.tuples(st.just("time"), st.floats(0.1, 400)),
    st.tuples(st.just("jump"), st.floats(-90_000, 90_000)),
    st.tuples(st.just("choose"), st.sampled_from(MODELS)),
    st.tuples(st.just("undo")),
)


@settings(max_examples=examples(300))
@given(st.lists(steps, max_size=60), st.sampled_from(["auto", "hand"]))
def test_at_most_one_move_within_a_cool_off_and_none_to_a_model_that_fails(
    events: list[tuple[object, ...]], back: str
) -> None:
    one = Simulated(replace(ROUTE, guard=replace(GUARD, back=back)))
    for event in events:
        match event:
            case ("calls", str(model), int(good), int(bad)):
                one.calls(model, good, bad)
            case ("time", float(seconds)):
                one.passes(seconds)
            case ("jump", float(seconds)):
                one.passes(0.2, seconds)
                assert not isinstance(one.look(), Move) or abs(seconds) <= JUMP_S
            case ("choose", str(model)):
                one.stack = (*one.stack, Selection(model, "a", "ada", one.wall))
            case ("undo",):
                one.stack = one.stack[:-1]
        one.passes(0.2)
        judged = one.recent
        found = one.look()
        if isinstance(found, Move):
            said = one.recent.calls(found.to, one.at - GUARD.window_s)
            assert said == CallTally() or said.failed < 0.2 * said.calls, (found, judged)
        assert sum(each.guarded is not None for each in one.stack) <= 1
    times = [at for at, _ in one.moves]
    assert all(after >= before + GUARD.cool_off_s for before, after in pairwise(times))
    assert back == "auto" or not any(move.back for _, move in one.moves)


def test_a_move_from_before_a_restart_still_counts_whatever_the_clock_says() -> None:
    assert guarding.free_in(None, GUARD, 1000) == 0
    assert guarding.free_in(900, GUARD, 1000) == 500
    assert guarding.free_in(100, GUARD, 1000) == 0
    assert guarding.free_in(99_000, GUARD, 1000) == GUARD.cool_off_s
