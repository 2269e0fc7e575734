"""The proofs of a control plane: on a real store and real figures, with clocks of the test's own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from modelctl.errors import ModelctlError, Refused
from modelctl.hook.counted import Attempt
from modelctl.service import SelectRequest, Service, views
from modelctl.service.answer_types import ProofAnswer
from modelctl.service.route_proofs import Proofs
from modelctl.store.usage_store import UsageStore
from modelctl.usage.figures import Series
from support.api_server import ROUTES, make_service, settings_for, write_catalog
from support.counts import Clock, Counts

AT = 1_800_000_000.0
DEALT = "dealt: {target: fast, split: {fast: 75, slow: 25}}\n"


@dataclass
class Proved:
    """`worker` counts calls as a worker does; `turn` looks some seconds later."""

    service: Service
    kept: UsageStore
    clock: Clock

    def __post_init__(self) -> None:
        self.counts = Counts(self.kept._path.parent)
        self.begin()

    def begin(self) -> None:
        """As a control plane that has just started."""
        self.proofs = Proofs(self.service, self.kept, self.clock, self.clock)
        self.proofs.turn()

    def prove(self, model: str = "slow", **more: object) -> None:
        ask = {"prove": 900.0, "actor": "ada", "reason": "cheaper", **more}
        self.service.select(SelectRequest(model, **ask))  # type: ignore[arg-type]
        self.proofs.turn()

    def worker(self, model: str, good: int = 0, bad: int = 0, asked: str = "active") -> None:
        series = Series(asked, model, f"id-of-{model}", "openai")
        self.counts.add(
            Attempt(self.clock.at, series, 0.5, failed="upstream" if number < bad else None, cost=0.001)
            for number in range(good + bad)
        )

    def turn(self, after: float = 300.0) -> ProofAnswer | None:
        """The proof as people see it then."""
        self.clock.at += after
        self.proofs.turn()
        self.proofs.turn()  # what was decided counts now
        return views.current(self.service.snapshot(), "active", self.service.proofs)["proof"]

    @property
    def target(self) -> str:
        return self.service.snapshot().targets["active"]

    @property
    def last(self) -> tuple[str, str, str | None, str | None, str]:
        entry = self.service.history("active", 1)[0]
        return entry.action, entry.actor, entry.before, entry.after, entry.reason or ""


@pytest.fixture
def proved(tmp_path: Path) -> Iterator[Proved]:
    catalog, clock = write_catalog(tmp_path, routes=ROUTES + DEALT), Clock(AT)
    service = make_service(catalog, clock=clock)
    kept = UsageStore(settings_for(catalog).state)
    assert service.publish().verdict == "published"
    yield Proved(service, kept, clock)
    kept.close()
    service.store.close()


def test_a_good_model_takes_the_route_over_step_by_step_and_history_has_the_figures(proved: Proved) -> None:
    proved.prove()
    assert proved.last == ("prove", "ada", "fast", "slow", "cheaper")
    for share, present in ((5, 570), (25, 300)):
        seen = proved.turn(0)
        assert seen is not None
        assert (seen["share"], proved.target) == (share, "fast")
        proved.worker("slow", good=40)
        proved.worker("fast", good=present)
        proved.turn(300)
        action, actor, before, after, reason = proved.last
        assert (action, actor, before, after) == ("prove", "proof", "fast", "slow")
        assert f"({share} %): no worse after 5 min: `slow` 40 calls, none failed" in reason
        assert f"`fast` {present} calls" in reason
    seen = proved.turn(0)
    assert seen is not None
    assert (seen["share"], seen["step"], proved.target) == (100, 3, "slow")
    proved.worker("slow", good=400)
    assert proved.turn(300) is None
    action, actor, _, after, reason = proved.last
    assert (action, actor, after, "step 3 of 3 (100 %): no worse" in reason) == ("select", "proof", "slow", True)
    assert "`fast` 870 calls" in reason  # of the steps before
    assert proved.target == "slow"
    proved.service.rollback("active", "ada")
    assert proved.target == "fast"


def test_a_failing_model_is_stopped_at_once_and_says_why(proved: Proved) -> None:
    proved.prove()
    proved.worker("slow", bad=8)
    proved.worker("fast", good=150)
    assert proved.turn(5) is None
    action, actor, before, after, reason = proved.last
    assert (action, actor, before, after) == ("return", "proof", "fast", "fast")
    assert "`slow` is worse: 8 of 8 calls failed, against 0 of 150; `slow` 8 calls, failed: 8 upstream" in reason
    assert proved.service.snapshot().head.selections == {}


def test_failing_under_the_whole_load_it_goes_back(proved: Proved) -> None:
    proved.prove(steps=(50.0, 100.0))
    proved.worker("slow", good=100)
    proved.worker("fast", good=100)
    assert proved.turn(450) is not None
    assert proved.target == "slow"
    proved.worker("slow", good=50, bad=50)
    assert proved.turn(10) is None
    assert (proved.target, proved.last[0]) == ("fast", "return")


def test_with_too_few_requests_it_waits_says_so_and_ends_without_a_verdict(proved: Proved) -> None:
    proved.prove()
    proved.worker("slow", good=7)
    proved.worker("fast", good=150)
    seen = proved.turn(300)
    assert seen is not None
    assert seen["waits"] == "7 of 30 calls; it ends after 20 min at the latest"
    assert proved.turn(900) is None
    assert (proved.target, proved.last[0]) == ("fast", "return")
    assert "too few to tell: 7 calls of `slow` and 150 of `fast` in 20 min" in proved.last[-1]


def test_what_was_counted_before_and_by_other_routes_does_not_count(proved: Proved) -> None:
    proved.worker("slow", bad=50)
    proved.worker("fast", good=50)
    proved.prove()
    proved.worker("slow", bad=50, asked="side")
    seen = proved.turn(10)
    assert seen is not None
    assert seen["figures"] is not None
    assert [each["calls"] for each in seen["figures"].values()] == [0, 0]


def test_a_rollback_stops_it_and_goes_back(proved: Proved) -> None:
    proved.prove()
    proved.worker("slow", good=40)
    proved.worker("fast", good=500)
    assert proved.turn(300) is not None
    proved.service.rollback("active", "ada")
    assert proved.turn(0) is None
    assert (proved.target, proved.service.snapshot().head.selections, proved.service.proofs) == ("fast", {}, {})


def test_another_choice_ends_it_for_good(proved: Proved) -> None:
    proved.prove()
    proved.service.select(SelectRequest("acme-twin", actor="bob"))
    assert proved.turn(0) is None
    assert proved.last == ("end", "proof", "acme-twin", "acme-twin", "acme-twin was chosen while slow was being proved")
    proved.service.rollback("active", "bob")
    assert (proved.turn(0), proved.target) == (None, "fast")


def test_a_restart_begins_the_present_step_anew(proved: Proved) -> None:
    proved.prove()
    proved.worker("slow", good=40)
    proved.worker("fast", good=500)
    proved.turn(300)
    proved.worker("slow", good=40)
    proved.clock.at += 290
    proved.begin()
    seen = proved.turn(0)
    assert seen is not None
    assert (seen["step"], seen["lasts"]) == (2, 0.0)
    proved.worker("slow", good=40)
    proved.worker("fast", good=120)
    seen = proved.turn(300)
    assert seen is not None
    assert seen["step"] == 3


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        ({"share": 10.0}, "neither with `share`"),
        ({"lasts": 60.0}, "neither with `share`"),
        ({"steps": (100.0,)}, "need a share under 100"),
        ({"prove": 1.0}, "each step of a proof"),
        ({"prove": None, "steps": (5.0,)}, "those of a proof"),
    ],
)
def test_what_makes_no_sense_is_said(proved: Proved, ask: dict[str, object], words: str) -> None:
    with pytest.raises(ModelctlError, match=words):
        proved.prove(**ask)


def test_what_cannot_be_proved_is_refused(proved: Proved) -> None:
    with pytest.raises(Refused, match="points to `fast`"):
        proved.prove("fast")
    with pytest.raises(Refused, match="may not point to `tiny`"):
        proved.prove("tiny")
    with pytest.raises(Refused, match="deals its requests already"):
        proved.prove(route="dealt")
    proved.prove()
    with pytest.raises(Refused, match="`slow` is being proved"):
        proved.prove("acme-twin")
