"""Budgets of models and routes: what counts for them, when it is told, and where routes go once they are spent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from modelctl.cli import status_tables
from modelctl.hook.counted import Attempt
from modelctl.service import Service, status_views
from modelctl.service.budgets import Budgets
from modelctl.store.usage_store import UsageStore
from modelctl.usage.figures import Series
from support.api_server import ACME, make_service, settings_for, write_catalog
from support.counts import Clock, Counts

MIDNIGHT = 1_800_057_600.0
AT = MIDNIGHT - 6 * 3600
CATALOG = {
    "providers_acme": ACME.replace("slow: {", "slow: {budget: {tokens_per_day: 1000}, ").replace(
        "fast: {", "fast: {budget: {per_day: 10, then: slow}, "
    ),
    "routes": "active: {target: fast}\nother: {target: fast}\nthird: {target: slow}\n"
    "cheap: {target: slow, also: [cheaper], budget: {per_day: 2, then: tiny}}\n",
}


@dataclass
class Spending:
    service: Service
    clock: Clock
    state: Path

    def __post_init__(self) -> None:
        self.kept = UsageStore(self.state)
        self.counts = Counts(self.state)
        self.budgets = Budgets(self.service, self.kept, self.clock)

    def calls(self, model: str, cost: float | None = 0.0, *, asked: str = "active", tokens: int = 0) -> None:
        told = {"prompt_tokens": tokens, "completion_tokens": tokens}
        self.counts.add([Attempt(self.clock.at, Series(asked, model, "id", "openai"), 1.0, tokens=told, cost=cost)])

    def turn(self, after: float = 1.0) -> dict[str, str]:
        """Where the routes point then."""
        self.clock.at += after
        self.budgets.turn()
        return dict(self.service.snapshot().targets)

    @property
    def said(self) -> list[str]:
        return [problem.message for problem in self.service.noted["budget"]]


@pytest.fixture
def spending(tmp_path: Path) -> Iterator[Spending]:
    catalog, clock = write_catalog(tmp_path, **CATALOG), Clock(AT)
    service = make_service(catalog, clock=clock)
    assert service.publish().verdict == "published", service.problems
    made = Spending(service, clock, settings_for(catalog).state)
    yield made
    made.kept.close()
    service.store.close()


def test_it_is_told_at_eighty_percent_and_at_the_end(spending: Spending) -> None:
    spending.calls("fast", 7.99)
    spending.turn()
    assert spending.said == []
    spending.calls("fast", 0.01, asked="fast")  # by its own name
    spending.turn()
    assert spending.said == ["80% of today's budget of model `fast` (10 USD) is spent"]
    spending.calls("fast", 2.5)
    spending.turn()
    assert spending.said == ["today's budget of model `fast` (10 USD) is spent"]
    assert [(one.name, round(one.used, 2), one.unit) for one in spending.service.budgets] == [
        ("fast", 10.5, "USD"), ("slow", 0, "tokens"), ("cheap", 0, "USD"),
    ]  # fmt: skip


def test_routes_leave_what_is_spent_until_midnight(spending: Spending) -> None:
    spending.calls("fast", 10.0)
    assert spending.turn() == {"active": "slow", "other": "slow", "third": "slow", "cheap": "slow"}
    entry = spending.service.history("active", 1)[0]
    assert (entry.actor, entry.before, entry.after, entry.until) == ("budget", "fast", "slow", MIDNIGHT)
    assert entry.reason == "10.00 of 10 USD of model `fast` are spent today"
    spending.clock.at = MIDNIGHT
    spending.service.sweep()
    assert spending.turn()["active"] == "fast"
    assert spending.said == []
    assert spending.service.history("active", 1)[0].action == "expire"


def test_the_budget_of_a_route_counts_every_name_of_it_and_moves_it_alone(spending: Spending) -> None:
    spending.calls("slow", 1.0, asked="cheap")
    spending.calls("slow", 1.0, asked="cheaper")
    assert spending.turn() == {"active": "fast", "other": "fast", "third": "slow", "cheap": "tiny"}


def test_tokens_sent_and_answered_count(spending: Spending) -> None:
    spending.calls("slow", None, tokens=500)
    assert spending.turn()["third"] == "slow"  # it names nothing to switch to
    assert spending.said == ["today's budget of model `slow` (1,000 tokens) is spent"]


def test_what_has_no_known_cost_is_told_apart(spending: Spending) -> None:
    spending.calls("fast", None)
    spending.turn()
    assert (spending.service.budgets[0].used, spending.service.budgets[0].unknown) == (0, 1)


def test_people_may_move_it_back_for_the_day(spending: Spending) -> None:
    spending.calls("fast", 10.0)
    spending.turn()
    spending.service.rollback("active", "ada")
    assert spending.turn() == {"active": "fast", "other": "slow", "third": "slow", "cheap": "slow"}


def test_it_goes_to_nothing_that_is_spent_itself(spending: Spending) -> None:
    spending.calls("slow", 0.0, tokens=500, asked="third")
    spending.calls("fast", 10.0)
    assert spending.turn()["active"] == "fast"


def test_it_says_where_a_route_cannot_go(tmp_path: Path) -> None:
    routes = "active: {target: fast, requires: {tools: true}, budget: {per_day: 2, then: tiny}}\n"
    catalog, clock = write_catalog(tmp_path, routes=routes), Clock(AT)
    service = make_service(catalog, clock=clock)
    service.publish()
    made = Spending(service, clock, settings_for(catalog).state)
    made.calls("fast", 2.0)
    assert made.turn() == {"active": "fast"}
    assert made.said[-1] == "route `active` cannot leave what is spent: `tiny` lacks tools, which `active` requires"
    made.kept.close()
    service.store.close()


def test_yesterday_is_over(spending: Spending) -> None:
    spending.clock.at = MIDNIGHT - 5
    spending.calls("fast", 9.0)
    spending.turn()
    assert spending.said
    spending.turn(after=10)
    assert spending.said == []


def test_status_shows_each(spending: Spending, capsys: pytest.CaptureFixture[str]) -> None:
    spending.calls("fast", 8.0)
    spending.calls("fast", None)
    spending.calls("slow", None, tokens=100)
    spending.turn()
    status_tables.budgets([status_views.budget_answer(spent) for spent in spending.service.budgets])
    assert capsys.readouterr().out.splitlines() == [
        "budget of fast: 8.00 of 10 USD today, 80%, 1 calls of unknown cost not counted in",
        "budget of slow: 200 of 1,000 tokens today, 20%",
        "budget of cheap: 0.00 of 2 USD today, 0%",
    ]
