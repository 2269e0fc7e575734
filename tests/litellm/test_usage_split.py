"""A split over a real LiteLLM: shares on its own Router, sessions that stay on both workers, counts for each arm."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from time import time

import pytest

from modelctl.service.usage_query import usage_answer
from modelctl.service.usage_question import read_question
from modelctl.state.desired import Route
from modelctl.store.usage_store import UsageStore
from support.in_worker import inside
from support.litellm_stack import Stack
from support.models import upstream_model
from support.proxy_client import PATHS, question
from support.waiting import wait_until

ARMS = (("s-main", 90.0), ("s-new", 10.0))
ROUTES = {
    "active": Route("active", "alpha"),
    "s-route": Route("s-route", "s-main", also=("s-too",), fallbacks=("s-spare",), split=ARMS, sticky="session"),
}
MODELS = ("s-main", "s-new", "s-spare")
DEAL = """
from modelctl.hook import activate
found = {}
for number in range(10_000):
    headers = {"x-litellm-session-id": f"session-{number}"}
    data = {"model": "s-route", "proxy_server_request": {"headers": headers, "body": {"model": "s-route"}}}
    await activate._handler.async_pre_call_hook(None, None, data, "acompletion")
    chosen = await router.async_get_available_deployment(model=data["model"], request_kwargs={})
    found[number] = chosen["model_name"]
return found
"""


def publish(stack: Stack, **route: object) -> None:
    models = [*stack.base.deployments.values(), *(upstream_model(name, "KEY_SPARE") for name in MODELS)]
    routes = {**ROUTES, "s-route": replace(ROUTES["s-route"], **route)}  # type: ignore[arg-type]
    stack.publish(replace(stack.base, deployments={each.id: each for each in models}, routes=routes))


def asking(stack: Stack, worker: int, session: str, kind: str = "chat", model: str = "s-route") -> str:
    """Which model answers."""
    client = stack.clients[worker]
    headers = {"x-litellm-session-id": session}
    reply = client.http.post(PATHS[kind], json=question(kind, model, "hello"), headers=headers)
    assert reply.status_code == 200, reply.text
    return str(reply.headers["x-modelctl-selection"]).partition(";")[0]


def test_ten_percent_of_ten_thousand_sessions_on_the_real_router_and_each_stays(stack: Stack) -> None:
    publish(stack)
    first, second = (inside(worker, DEAL, timeout=120) for worker in stack.proxy.workers)
    dealt = Counter(first.values())
    assert 900 <= dealt["s-new"] <= 1100
    assert dealt["s-main"] == 10_000 - dealt["s-new"]
    assert first == second


@pytest.mark.parametrize("kind", sorted(PATHS))
def test_a_session_stays_on_both_workers_and_every_way_in(stack: Stack, kind: str) -> None:
    publish(stack, split=(("s-main", 50.0), ("s-new", 50.0)))
    sessions = [f"{kind}-{number}" for number in range(12)]
    once = {each: asking(stack, 0, each, kind) for each in sessions}
    again = {each: asking(stack, 1, each, kind, "s-too") for each in sessions}
    assert (once == again, set(once.values())) == (True, {"s-main", "s-new"})
    seen = Counter(each["model"] for each in stack.upstream.requests())
    assert seen == Counter([*once.values(), *again.values()])


def test_arms_are_counted_apart_and_keep_the_fallbacks_of_the_route(stack: Stack) -> None:
    publish(stack, split=(("s-main", 50.0), ("s-new", 50.0)), also=("s-counted",))
    kept = UsageStore(stack.state)
    stack.upstream.behave("s-new", status=500)
    for number in range(12):
        reply = stack.clients[number % 2].http.post(
            PATHS["chat"], json=question("chat", "s-counted", "hello"),
            headers={"x-litellm-session-id": f"counted-{number}"},
        )  # fmt: skip
        assert reply.status_code == 200
    seen = Counter(each["model"] for each in stack.upstream.requests())
    assert seen["s-new"] == seen["s-spare"] > 0
    wait_until(lambda: sum(rows(kept).values()) == 12, "all are counted")
    found = rows(kept)
    kept.close()
    assert found == Counter({"s-main": seen["s-main"], "s-spare": seen["s-spare"]})


def rows(kept: UsageStore) -> Counter[str]:
    """Requests for `s-counted`, by the model that served."""
    found = usage_answer(kept, read_question("route,model", "1h", None, None, now=time()), time())["rows"]
    return Counter({row["model"]: row["requests"] for row in found if row["route"] == "s-counted"})


def test_shares_change_live(stack: Stack) -> None:
    publish(stack, split=None)
    assert {asking(stack, number % 2, f"live-{number}") for number in range(6)} == {"s-main"}
    publish(stack, split=(("s-main", 0.0), ("s-new", 100.0)))
    assert {asking(stack, number % 2, f"live-{number}") for number in range(6)} == {"s-new"}


def test_a_request_that_was_dealt_before_the_shares_went_is_answered_after(stack: Stack) -> None:
    publish(stack, split=(("s-main", 0.0), ("s-new", 100.0)))
    assert stack.client.chat("s-route#s-new").ok
    publish(stack, split=None)
    assert [client.chat("s-route#s-new").ok for client in stack.clients] == [True, True]
    assert asking(stack, 0, "after") == "s-main"
    publish(stack, split=None, description="the next change")
    assert not stack.client.chat("s-route#s-new").ok
