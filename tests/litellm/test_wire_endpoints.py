"""Each of LiteLLM's ways to ask, through a route: the right model answers, with its own key."""

from __future__ import annotations

import pytest

from support.in_worker import inside
from support.litellm_stack import Stack
from support.models import key_of
from support.proxy_client import PATHS

KINDS = sorted(PATHS)
NO_DELAY = """
import socket
(serve,) = [task.get_coro() for task in asyncio.all_tasks() if task.get_coro().__qualname__ == "Server.serve"]
connections = serve.cr_frame.f_locals["self"].server_state.connections
lines = [each.transport.get_extra_info("socket") for each in connections]
return [bool(line.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)) for line in lines]
"""


def words_of(model: str) -> str:
    return f"model={model} key={key_of(model)};"


@pytest.mark.parametrize("kind", KINDS)
def test_route_answers(stack: Stack, kind: str) -> None:
    for target in ("beta", "gamma"):
        stack.point(target)
        for client in stack.clients:
            answer = client.ask("active", kind)
            assert (answer.status, answer.text) == (200, words_of(target))


@pytest.mark.parametrize("kind", KINDS)
def test_route_streams(stack: Stack, kind: str) -> None:
    for target in ("beta", "gamma"):
        stack.point(target)
        for client in stack.clients:
            stream = client.stream("active", kind)
            assert (stream.rest(), stream.complete) == (words_of(target) * 3, True)


@pytest.mark.parametrize("kind", KINDS)
def test_open_stream_ends_on_the_model_it_began_with(stack: Stack, kind: str) -> None:
    stack.upstream.behave("alpha", seconds=1.0, pieces=5)
    streams = [client.stream("active", kind) for client in stack.clients]
    stack.point("beta")
    assert [client.ask("active", kind).text for client in stack.clients] == [words_of("beta")] * 2
    for stream in streams:
        assert (stream.rest(), stream.complete) == (words_of("alpha") * 5, True)


def test_models_lists_the_route_and_every_model(stack: Stack) -> None:
    names = {each.group for each in stack.desired.deployments.values()} | {"active"}
    for client in stack.clients:
        assert set(client.models()) == names


def test_embedding_model_answers(stack: Stack) -> None:
    reply = stack.client.embeddings("embed")
    assert reply.status_code == 200
    assert reply.json()["data"][0]["embedding"] == [0.25, 0.5, 0.75]
    (request,) = stack.upstream.requests("embed")
    assert request["headers"]["authorization"] == f"Bearer {key_of('embed')}"


def test_answers_leave_the_worker_at_once(stack: Stack) -> None:
    """With Nagle's algorithm on, whatever is answered in two parts would take over 40 ms."""
    for client, worker in zip(stack.clients, stack.proxy.workers, strict=True):
        assert client.http.get("/health/liveliness").status_code == 200
        flags = inside(worker, NO_DELAY)
        assert flags
        assert all(flags)
