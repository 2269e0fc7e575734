"""`up --store redis://...`: it starts before its Redis, and everything goes on while that is away."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.proxy import MASTER_KEY
from support.proxy_client import Client
from support.redis_server import RedisServer
from support.running_up import RunningUp, words
from support.upstream import Upstream
from support.waiting import wait_until

pytestmark = pytest.mark.boots


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path / "redis", lasting=True)
    yield server
    if server.boots:
        server.stop()


@pytest.fixture
def running(tmp_path: Path, upstream: Upstream, server: RedisServer) -> Iterator[RunningUp]:
    made = RunningUp(tmp_path, upstream, "--store", server.url, workers=1)
    yield made
    made.stop()


def test_up_lives_with_a_redis_that_comes_and_goes(running: RunningUp, server: RedisServer) -> None:
    up = running.begin().process
    up.wait_for(lambda: "waiting for it, 30 s at most" in up.output(), "it says what it waits for", 60)
    server.start()
    running.booted()
    up.wait_for(lambda: "curl " in up.output(), "the line to paste", 30)
    proxy = Client(running.proxy, MASTER_KEY)
    assert running.select("beta")
    wait_until(running.settled, "the worker has it")
    assert proxy.chat("active").text == words("beta")

    server.kill()
    assert proxy.chat("active").text == words("beta")
    assert not running.select("gamma")
    server.start()
    wait_until(lambda: running.select("gamma"), "the control plane is back with its Redis", 30)
    wait_until(running.settled, "and so is the worker", 30)
    assert proxy.chat("active").text == words("gamma")
    assert up.output().count("LiteLLM is ready") == 1  # nothing was started again

    proxy.close()
    up.send(signal.SIGINT)
    assert up.wait(30) == 0
    assert not running._listens()
