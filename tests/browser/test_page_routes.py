"""What goes on at a route: its last hour, its guard, its budget and how its requests are dealt, as the API says."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from modelctl.hook.counted import Attempt, NotCounted, Request
from modelctl.usage.figures import Series
from support.browser import violations
from support.counts import Counts
from support.page import ACME, ZETA, World
from support.upstream import Upstream
from support.waiting import wait_until

ALPHA = Series("active", "alpha", "id-alpha", "openai")
ROUTES = {
    "active": {
        "target": "alpha",
        "requires": {"tools": True},
        "fallbacks": ["gamma"],
        "guard": {"error_rate": 0.5, "p95_s": 20, "window": "1m", "min_requests": 10, "cool_off": "10m"},
        "budget": {"per_day": 10},
    },
    "dealt": {
        "target": "gamma",
        "split": {"gamma": 75, "zed": 25},
        "budget": {"tokens_per_day": 1000, "then": "alpha"},
    },
    "search": {"target": "vectors", "requires": {"mode": "embedding"}},
}


@pytest.fixture
def routed(build: Callable[..., World], upstream: Upstream) -> World:
    """Alerts go to an address that takes none."""
    return build({"acme": ACME, "zeta": ZETA}, ROUTES, MODELCTL_ALERTS_URL=f"{upstream.url}/no-such-hook")


def calls(series: Series, many: int, **more: Any) -> list[Any]:
    now = time.time()
    return [event for _ in range(many) for event in (Attempt(now, series, 1.5, **more), Request(now, series, 1.6))]


def card(page: Page, route: str) -> Locator:
    return page.locator(".route-item", has=page.get_by_role("heading", name=route, exact=True))


def guard(world: World) -> dict[str, Any]:
    return dict(next(iter(world.plane.status()["guards"]), {}))


def failing(world: World, until: Callable[[], object], what: str) -> None:
    """Alpha fails for as long as that takes: what is counted within a second of a guard's first look may be older."""
    counts = Counts(world.state)

    def looked() -> object:
        counts.add(calls(ALPHA, 30, failed="upstream"))
        return until()

    wait_until(looked, what, every=0.25)


def used(world: World, most: float) -> bool:
    """Whether some budget is used so far: the control plane adds up once a second, and the page asks every five."""
    return any(one["used"] == most for one in world.plane.status()["budgets"])


def test_the_last_hour_of_a_route_is_that_of_the_api(routed: World) -> None:
    Counts(routed.state).add(calls(ALPHA, 200, cost=0.02, tokens={"prompt_tokens": 10}))
    wait_until(lambda: used(routed, 4), "the control plane has added it up")
    page = routed.visit().open("routes")
    hour = card(page, "active").locator(".last-hour")
    [row] = routed.plane.http.get("/usage", params={"group_by": "route", "from": "1h"}).json()["rows"]
    assert (row["requests"], row["success_rate"], row["cost"]) == (200, 1, 4)
    expect(hour.locator("dd")).to_have_text(["200", "100 %", f"{row['latency']['p95']:.1f} s", "$4.00"])
    expect(card(page, "search")).to_contain_text("No requests in the last hour.")
    budget = card(page, "active").locator(".budget")
    expect(budget).to_contain_text("$4.00 of $10.00 today")
    assert float(budget.locator("meter").get_attribute("value") or 0) == pytest.approx(0.4)


def test_what_is_not_counted_is_said_and_is_no_zero(routed: World) -> None:
    Counts(routed.state).add([NotCounted(time.time(), Series("search", "vectors", "id", "openai")) for _ in range(3)])
    page = routed.visit().open("routes")
    expect(card(page, "search")).to_contain_text("Not counted: LiteLLM did not report the end of 3 requests.")


def test_a_guard_watches_acts_and_is_taken_back_by_hand(routed: World) -> None:
    wait_until(lambda: guard(routed), "the guard has looked")
    page = routed.visit().open("routes")
    active = card(page, "active")
    expect(active.locator(".guard")).to_contain_text("watching")
    expect(active.locator(".guard")).to_contain_text("It switches at 50 % failed or 95 % over 20 s")
    failing(routed, lambda: routed.target() == "gamma", "the guard switched")
    expect(active).to_contain_text("switched by its guard")
    expect(active).to_contain_text(re.compile(r"(\d+) of \1 calls of alpha failed"))
    expect(active.locator(".guard")).to_contain_text("It left alpha, which failed. It returns by itself:")
    expect(active.locator(".guard time")).to_contain_text("left")
    assert guard(routed)["left"] == "alpha"
    page.get_by_role("button", name="Back to alpha now").click()
    wait_until(lambda: routed.target() == "alpha", "it is back")
    expect(active).not_to_contain_text("switched by its guard")


def test_shares_and_budgets_are_shown_with_what_was_counted(routed: World) -> None:
    arms = [Series("dealt", name, f"id-{name}", "openai") for name in ("gamma", "zed")]
    Counts(routed.state).add([*calls(arms[0], 6, tokens={"prompt_tokens": 100}), *calls(arms[1], 2)])
    wait_until(lambda: used(routed, 600), "the control plane has added it up")
    page = routed.visit().open("routes")
    dealt = card(page, "dealt")
    expect(dealt.locator(".dealt li").nth(0)).to_have_text("gamma75 %6 requests, 100 %")
    expect(dealt.locator(".dealt li").nth(1)).to_have_text("zed25 %2 requests, 100 %")
    expect(dealt.locator(".budget")).to_contain_text("600 of 1,000 tokens today. Then it goes to alpha.")
    Counts(routed.state, "w2").add(calls(arms[0], 3, tokens={"prompt_tokens": 100}))
    expect(dealt.locator(".budget .pill")).to_have_text("90 %", timeout=15_000)


def test_a_webhook_that_takes_nothing_is_told(routed: World) -> None:
    page = routed.visit().open("routes")
    expect(page.locator("#section-routes")).to_contain_text(
        "alerts go to the webhook: guard, budget, nack, retirement."
    )
    wait_until(lambda: guard(routed), "the guard has looked")
    failing(routed, lambda: (routed.plane.status()["alerts"] or {}).get("lost"), "an alert was lost")
    expect(page.locator("#section-routes")).to_contain_text("The webhook takes nothing: it answers 4", timeout=15_000)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_axe_finds_nothing_in_what_goes_on(routed: World, scheme: str, width: int) -> None:
    Counts(routed.state).add([*calls(ALPHA, 50, cost=0.17), *calls(Series("dealt", "zed", "id", "openai"), 5)])
    wait_until(lambda: any(one["share"] > 0.8 for one in routed.plane.status()["budgets"]), "a budget is nearly spent")
    page = routed.visit(color_scheme=scheme, viewport={"width": width, "height": 900}).open("routes")
    expect(card(page, "active").locator(".budget .pill")).to_have_text("85 %")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert violations(page) == []


def test_a_card_says_that_its_target_is_blocked_and_who_answers(routed: World) -> None:
    page = routed.visit().open("routes")
    expect(card(page, "active")).to_contain_text("from git")
    routed.plane.http.post("/models/block", json={"model_id": "alpha", "reason": "it lies"}).raise_for_status()
    expect(card(page, "active")).to_contain_text("instead of alpha, which is blocked")
    expect(card(page, "active")).not_to_contain_text("from git")
    forced = {"model_id": "vectors", "force": True}
    routed.plane.http.post("/models/block", json=forced).raise_for_status()
    expect(card(page, "search")).to_contain_text("blocked: nobody answers")
