"""What LiteLLM avoids after failures, as the control plane tells it, over two real workers; and how that is ended."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from modelctl.service.health_types import HealthAnswer
from modelctl.state.desired import Provider, deployment
from support.aimock import Aimock
from support.cli import call, plain, seen
from support.litellm_stack import Stack
from support.models import MODELS, SETTINGS, state, upstream_model
from support.openapi_shapes import fits
from support.plane_over import PlaneOver
from support.upstream import Upstream
from support.waiting import wait_until

pytestmark = pytest.mark.boots
COOLED_S = 600.0  # longer than any test, so that nothing ends by itself
ROUTER = {"num_retries": 0, "cooldown_time": COOLED_S, "allowed_fails": 0}
LIMITS = {
    "x-ratelimit-limit-requests": "500", "x-ratelimit-remaining-requests": "12",
    "x-ratelimit-limit-tokens": "200000", "x-ratelimit-remaining-tokens": "90000",
}  # fmt: skip


@pytest.fixture(scope="module")
def cooling(tmp_path_factory: pytest.TempPathFactory, session_upstream: Upstream, aimock: Aimock) -> Iterator[Stack]:
    """Two workers that cool down; `pair` has two deployments, of which one will fail."""
    pair = [upstream_model("h-good", "KEY_SPARE"), upstream_model("h-bad", "KEY_SPARE")]
    members = [deployment("pair", each.params, {}) for each in pair]
    settings = {**SETTINGS, "router_settings": ROUTER}
    base = state([*map(upstream_model, MODELS), *members], settings=settings, providers=(Provider("p", "P", ()),))
    stack = Stack(tmp_path_factory.mktemp("cooling"), session_upstream, aimock, base=base)
    try:
        stack.proxy.start()
        yield stack
    finally:
        stack.stop()


@pytest.fixture(scope="module")
def plane(cooling: Stack) -> Iterator[PlaneOver]:
    made = PlaneOver(cooling.state)
    yield made
    made.stop()


def health(plane: PlaneOver) -> dict[str, Any]:
    found: dict[str, Any] = plane.client.get("/health").raise_for_status().json()
    assert fits(HealthAnswer, found)
    return found


def cooled(plane: PlaneOver) -> set[str]:
    """The workers that avoid something."""
    return {each["worker"] for each in health(plane)["cooldowns"]}


def fail(stack: Stack, number: int) -> None:
    """Ask until LiteLLM has tried the deployment that fails, and avoids it."""
    stack.upstream.behave("h-bad", status=429)
    tries = (stack.clients[number].chat("pair") for _ in range(100))
    assert any(not answer.ok for answer in tries)


def test_a_cooldown_is_told_with_its_reason_and_ended_on_every_worker(cooling: Stack, plane: PlaneOver) -> None:
    wait_until(lambda: health(plane)["workers"] == 2 and not health(plane)["untold"], "both workers tell")
    assert not cooled(plane)
    fail(cooling, 0)
    fail(cooling, 1)
    wait_until(lambda: len(cooled(plane)) == 2, "both say that they avoid it")
    bad = next(each.id for each in cooling.base.deployments.values() if each.params["model"] == "openai/h-bad")
    for each in health(plane)["cooldowns"]:
        assert (each["model"], each["deployment"], each["why"], each["status"]) == ("pair", bad, "rate_limit", 429)
        assert each["error"] == "RateLimitError"
        assert COOLED_S - 60 < each["left_s"] <= COOLED_S
        assert each["until"] - each["since"] == pytest.approx(COOLED_S)
    told = [each["cooldowns"] for each in plane.client.get("/status").json()["workers"]]
    assert [[one["model"] for one in each] for each in told] == [["pair"], ["pair"]]
    shown = plain(seen("status", "--server", plane.url).out)
    assert "LiteLLM avoids pair on 2 of 2 workers, rate_limit (429 RateLimitError)" in " ".join(shown.split())
    assert max(map(len, shown.splitlines())) <= 80

    cooling.upstream.behave("h-bad")
    done = call("health", "--clear", "pair", "--reason", "mended", "--server", plane.url)
    assert (done.code, done.out) == (0, "cooldown of pair ended on 2 workers\n")
    assert not cooled(plane)
    entry = cooling.store.history(limit=1)[0]
    assert (entry.action, entry.after, entry.reason) == ("clear", "pair", "mended")
    for client in cooling.clients:
        wait_until(lambda: client.chat("pair").deployment == bad, "requests go there again")  # noqa: B023
    again = json.loads(call("health", "--clear", "pair", "--json", "--server", plane.url).out)
    assert [each["deployments"] for each in again["workers"]] == [0, 0]


def test_what_the_provider_leaves_of_its_limits_is_told(cooling: Stack, plane: PlaneOver) -> None:
    cooling.upstream.behave("alpha", headers=LIMITS)
    assert cooling.clients[0].chat("alpha").ok
    (said,) = wait_until(lambda: health(plane)["limits"], "the limits are reported")
    assert (said["model"], said["requests"], said["requests_limit"]) == ("alpha", 12, 500)
    assert (said["tokens"], said["tokens_limit"]) == (90_000, 200_000)
    shown = seen("health", "--server", plane.url).out
    assert "12 of 500 requests, 90,000 of 200,000" in " ".join(shown.split())
