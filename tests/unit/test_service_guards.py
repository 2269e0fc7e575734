"""The guard of a control plane: on a real store and real figures, with clocks of the test's own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from modelctl.cli import status_tables
from modelctl.hook.counted import Attempt
from modelctl.service import SelectRequest, Service, status_views, views
from modelctl.service.route_guards import Guards
from modelctl.store.usage_store import UsageStore
from modelctl.usage.figures import Series
from support.api_server import ROUTES, make_service, settings_for, write_catalog
from support.counts import Clock, Counts

AT = 1_800_000_000.0
GUARD = "guard: {error_rate: 0.5, min_requests: 4, window: 30s, cool_off: 5m}"
DEALT = f"dealt: {{target: fast, split: {{fast: 50, slow: 25, acme-twin: 25}}, fallbacks: [free], {GUARD}}}\n"
GUARDED = f"guarded: {{target: fast, fallbacks: [tiny, slow], requires: {{tools: true}}, {GUARD}}}\n"


@dataclass
class Guarded:
    """`worker` counts calls as a worker does; `turn` looks two seconds later."""

    service: Service
    kept: UsageStore
    clock: Clock

    def __post_init__(self) -> None:
        self.counts = Counts(self.kept._path.parent)
        self.begin()

    def begin(self) -> None:
        """As a control plane that has just started."""
        self.guards = Guards(self.service, self.kept, self.clock, self.clock)
        self.guards.turn()

    def worker(self, model: str, good: int = 0, bad: int = 0, asked: str = "guarded") -> None:
        series = Series(asked, model, f"id-of-{model}", "openai")
        calls = [
            Attempt(self.clock.at, series, 0.5, failed="upstream" if number < bad else None)
            for number in range(good + bad)
        ]
        self.counts.add(calls)

    def turn(self, after: float = 2.0) -> str:
        """Where the route points then."""
        self.clock.at += after
        self.guards.turn()
        return self.service.snapshot().targets["guarded"]


@pytest.fixture
def guarded(tmp_path: Path) -> Iterator[Guarded]:
    catalog, clock = write_catalog(tmp_path, routes=ROUTES + GUARDED + DEALT), Clock(AT)
    service = make_service(catalog, clock=clock)
    kept = UsageStore(settings_for(catalog).state)
    assert service.publish().verdict == "published"
    yield Guarded(service, kept, clock)
    kept.close()
    service.store.close()


def test_it_moves_to_the_first_fallback_that_meets_the_route_and_history_says_why(guarded: Guarded) -> None:
    guarded.worker("fast", good=2, bad=2)
    assert guarded.turn() == "slow"  # `tiny` lacks tools
    entry = guarded.service.history("guarded", 1)[0]
    assert (entry.action, entry.actor, entry.before, entry.after) == ("select", "guard", "fast", "slow")
    assert entry.reason == "2 of 4 calls of `fast` failed (50%, 50% is the limit) within 30 s"


def test_what_it_sees_is_told(guarded: Guarded) -> None:
    guarded.worker("fast", good=2, bad=1)
    guarded.turn()
    look = guarded.service.guards[0]
    assert (look.route, look.target, look.left, look.calls, look.failed) == ("guarded", "fast", None, 3, 1)
    assert look.p95_s == pytest.approx(0.5, rel=0.01)
    assert look.rests_until is None
    guarded.worker("fast", bad=4)
    assert [guarded.turn(), guarded.turn()] == ["slow", "slow"]
    answer = status_views.guard_answer(guarded.service.guards[0])
    assert (answer["target"], answer["left"], answer["calls"], answer["p95_s"]) == ("slow", "fast", 0, None)
    assert answer["rests_until"] == AT + 2 + 2 + 300


def test_it_returns_and_the_record_says_so(guarded: Guarded) -> None:
    guarded.worker("fast", bad=4)
    assert guarded.turn() == "slow"
    assert guarded.turn(299) == "slow"
    assert guarded.turn(1) == "fast"
    entry = guarded.service.history("guarded", 1)[0]
    assert (entry.action, entry.actor, entry.before, entry.after) == ("return", "guard", "slow", "fast")
    assert guarded.service.snapshot().head.selections == {}


def test_a_restart_forgets_no_cool_off(guarded: Guarded) -> None:
    guarded.worker("fast", bad=4)
    assert guarded.turn() == "slow"
    guarded.begin()
    guarded.worker("slow", bad=4)
    assert guarded.turn(200) == "slow"
    assert guarded.turn(101) == "fast"


def test_people_may_take_its_move_back(guarded: Guarded) -> None:
    guarded.worker("fast", bad=4)
    guarded.turn()
    guarded.service.rollback("guarded", "ada")
    assert guarded.turn() == "fast"
    guarded.worker("fast", bad=4)
    assert guarded.turn() == "fast"  # within the cool-off it keeps still


def test_what_people_choose_meanwhile_stays_when_the_guard_lets_go(guarded: Guarded) -> None:
    guarded.worker("fast", bad=4)
    guarded.turn()
    guarded.service.select(SelectRequest("fast", route="guarded", actor="ada"))
    assert guarded.turn(400) == "fast"


def test_it_says_where_nothing_is_fit(guarded: Guarded) -> None:
    guarded.worker("slow", bad=1, asked="active")
    guarded.worker("fast", bad=4)
    assert guarded.turn() == "fast"
    problem = next(each for each in guarded.service.troubles(guarded.service.snapshot()) if "guard" in each.rule)
    assert problem.message.startswith("route `guarded`: 4 of 4 calls of `fast` failed")
    assert guarded.turn(40) == "fast"
    assert not guarded.service.noted["guard"]


def test_a_guard_that_leaves_the_catalog_takes_its_move_along(guarded: Guarded, tmp_path: Path) -> None:
    guarded.worker("fast", bad=4)
    guarded.turn()
    write_catalog(tmp_path, routes=ROUTES + DEALT + GUARDED.replace(f", {GUARD}", ""))
    assert guarded.service.publish().verdict == "published"
    assert guarded.turn() == "fast"
    assert guarded.service.history("guarded", 1)[0].reason == "the route has no guard any more"


def shares(guarded: Guarded) -> dict[str, float] | None:
    state = guarded.service.snapshot()
    return views.current(state, "dealt")["split"]


def test_an_arm_that_fails_loses_its_share_to_the_others_and_comes_back(guarded: Guarded) -> None:
    guarded.worker("fast", good=8, asked="dealt")
    guarded.worker("slow", bad=4, asked="dealt")
    guarded.turn()
    assert shares(guarded) == {"fast": pytest.approx(200 / 3), "acme-twin": pytest.approx(100 / 3)}
    entry = guarded.service.history("dealt", 1)[0]
    assert (entry.action, entry.actor, entry.before, entry.after) == ("select", "guard", "fast", "fast")
    assert entry.reason == "4 of 4 calls of `slow` failed (100%, 50% is the limit) within 30 s"
    guarded.turn(200)
    assert "slow" not in (shares(guarded) or {})
    guarded.turn(101)
    assert shares(guarded) == {"fast": 50, "slow": 25, "acme-twin": 25}
    assert guarded.service.history("dealt", 1)[0].action == "return"


def test_the_last_arm_beside_the_target_leaves_it_alone(guarded: Guarded) -> None:
    guarded.service.select(SelectRequest("slow", route="guarded", share=10))
    guarded.worker("slow", bad=4)
    assert (guarded.turn(), views.current(guarded.service.snapshot(), "guarded")["split"]) == ("fast", None)
    guarded.service.rollback("guarded", "ada")
    assert views.current(guarded.service.snapshot(), "guarded")["split"] == {"fast": 90, "slow": 10}


def test_a_target_that_fails_takes_all_arms_along(guarded: Guarded) -> None:
    guarded.worker("fast", bad=4, asked="dealt")
    guarded.worker("slow", bad=4, asked="dealt")
    guarded.turn()
    assert (guarded.service.snapshot().targets["dealt"], shares(guarded)) == ("free", None)


def test_a_model_that_is_proved_is_left_to_its_proof(guarded: Guarded) -> None:
    guarded.service.select(SelectRequest("slow", route="guarded", prove=900.0))
    guarded.worker("slow", bad=6)
    guarded.turn()
    assert views.current(guarded.service.snapshot(), "guarded")["split"] == {"fast": 95, "slow": 5}


def test_the_terminal_shows_what_a_guard_sees_and_that_it_left(
    guarded: Guarded, capsys: pytest.CaptureFixture[str]
) -> None:
    def shown() -> str:
        status_tables.guards([status_views.guard_answer(look) for look in guarded.service.guards])
        return " ".join(line for line in capsys.readouterr().out.splitlines() if "guarded" in line or "left" in line)

    guarded.worker("fast", good=9, bad=1)
    guarded.turn()
    assert shown() == "guard of guarded: 1 of 10 calls to fast failed, p95 0.5 s"
    guarded.worker("fast", bad=20)
    assert [guarded.turn(), guarded.turn()] == ["slow", "slow"]
    assert shown().startswith("guard of guarded: no calls to slow; it left fast, and stays away at least until ")
