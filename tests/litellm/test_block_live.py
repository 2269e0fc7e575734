"""A blocked model gets no request on a real LiteLLM: routes go on, chains skip it, direct calls read why."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from modelctl.service import BlockRequest, Service
from modelctl.state.desired import DesiredState, Model, Provider, Route
from modelctl.store import open_store
from support.litellm_stack import Stack
from support.models import upstream_model
from support.proxy_client import PATHS
from support.waiting import wait_until

NAMES = ("b-main", "b-next", "b-last")
ROUTES = {
    "active": Route("active", "alpha"),
    "b-route": Route("b-route", "b-main", also=("b-too",), fallbacks=("b-next", "b-last")),
    "b-other": Route("b-other", "b-last", fallbacks=("b-main", "b-next")),
    "b-alone": Route("b-alone", "b-main", fallbacks=()),
}


def world(base: DesiredState) -> DesiredState:
    deployments = [*base.deployments.values(), *(upstream_model(name, "KEY_SPARE") for name in NAMES)]
    models = tuple(Model(name, "tests", name, name) for name in NAMES)
    return replace(
        base, deployments={each.id: each for each in deployments}, routes=ROUTES,
        providers=(Provider("tests", "Tests", models),),
    )  # fmt: skip


@contextmanager
def service(stack: Stack) -> Iterator[Service]:
    """A control plane's choices over the stack's store."""
    made = Service(open_store(str(stack.state)))
    try:
        yield made
    finally:
        made.store.close()


def block(stack: Stack, model: str = "b-main", **more: object) -> None:
    with service(stack) as control:
        stack.settled(control.block(BlockRequest(model, reason="it lies", force=True, **more)).head.version)  # type: ignore[arg-type]


def unblock(stack: Stack, model: str = "b-main") -> None:
    with service(stack) as control:
        stack.settled(control.unblock(model, "tests").head.version)


def served(stack: Stack, name: str) -> set[str]:
    """Who answers for `name`, on every worker."""
    return {str(client.chat(name).headers["x-modelctl-selection"]) for client in stack.clients}


def test_routes_go_to_their_fallback_and_back_on_every_worker(stack: Stack) -> None:
    stack.publish(world(stack.base))
    assert served(stack, "b-route") == {"b-main; git"}
    block(stack)
    assert (served(stack, "b-route"), served(stack, "b-too")) == ({"b-next; block"}, {"b-next; block"})
    block(stack, "b-next")
    assert served(stack, "b-route") == {"b-last; block"}
    unblock(stack)
    assert served(stack, "b-route") == {"b-main; git"}
    unblock(stack, "b-next")


@pytest.mark.parametrize("kind", sorted(PATHS))
def test_a_direct_call_reads_why_whichever_way_it_comes_in(stack: Stack, kind: str) -> None:
    stack.publish(world(stack.base))
    block(stack)
    for client in stack.clients:
        reply = client.ask("b-main", kind)
        assert reply.status == 400
        assert "`b-main` is blocked: it lies" in reply.text
        assert "Traceback" not in reply.text
        assert "b-main" not in client.models()
    unblock(stack)
    assert {client.ask("b-main", kind).status for client in stack.clients} == {200}


def test_embeddings_of_a_blocked_model_read_why(stack: Stack) -> None:
    embed = Provider("tests", "Tests", (Model("embed", "tests", "embed", "embed"),))
    stack.publish(replace(stack.base, providers=(embed,)))
    block(stack, "embed")
    reply = stack.client.embeddings("embed")
    assert (reply.status_code, "`embed` is blocked: it lies" in reply.text) == (400, True)


def test_chains_skip_it_and_the_upstream_sees_nothing_of_it(stack: Stack) -> None:
    stack.publish(world(stack.base))
    block(stack)
    stack.upstream.reset()
    stack.upstream.behave("b-last", status=500)
    assert {client.chat("b-other").status for client in stack.clients} == {200}
    assert {each["model"] for each in stack.upstream.requests()} == {"b-last", "b-next"}


def test_a_route_that_nothing_is_left_for_says_so(stack: Stack) -> None:
    stack.publish(world(stack.base))
    block(stack)
    reply = stack.client.chat("b-alone")
    assert reply.status == 400
    assert "no model is left for `b-alone`: `b-main` is blocked: it lies" in reply.text


def test_it_ends_by_itself_with_no_control_plane(stack: Stack) -> None:
    stack.publish(world(stack.base))
    block(stack, lasts=3.0)
    assert served(stack, "b-route") == {"b-next; block"}
    wait_until(lambda: {row.targets.get("b-route") for row in stack.rows()} == {"b-main"}, "its time is up", 20)
    assert served(stack, "b-route") == {"b-main; git"}
    assert stack.client.chat("b-main").ok


def test_a_worker_that_starts_anew_boots_under_the_block(stack: Stack) -> None:
    stack.publish(world(stack.base))
    block(stack)
    first = stack.proxy.workers[0]
    first.process.stop(grace=6)
    first.start()
    wait_until(lambda: {row.pid for row in stack.rows()} == {each.pid for each in stack.proxy.workers}, "both report")
    assert served(stack, "b-route") == {"b-next; block"}
    assert "is blocked" in stack.clients[0].chat("b-main").text
    unblock(stack)
    assert served(stack, "b-route") == {"b-main; git"}


def test_an_open_stream_of_a_model_that_is_blocked_ends_whole(stack: Stack) -> None:
    stack.publish(world(stack.base))
    stack.upstream.behave("b-main", pieces=8, seconds=2.0)
    stream = stack.client.stream("b-main")
    block(stack)
    stream.rest()
    assert (stream.status, stream.complete) == (200, True)
