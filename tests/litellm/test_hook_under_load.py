"""Long streams across many changes, and workers that are slow or refuse, while others ask."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from support.in_worker import inside
from support.litellm_stack import Stack
from support.load import Load
from support.models import key_of, upstream_model
from support.proxy_client import PATHS
from support.timeline import Timeline, mixed, wrong
from support.waiting import wait_until

# `make soak` asks for more of them.
CHANGES = int(os.environ.get("CHANGES", "20"))


def words(model: str, key: str | None = None) -> str:
    return f"model={model} key={key or key_of(model)};"


def test_long_streams_outlive_their_deployment(stack: Stack) -> None:
    """3 s each, on every kind of endpoint and worker; while they run, their model goes and comes with another key."""
    stack.upstream.behave("delta", seconds=3.0, pieces=6)
    stack.add(upstream_model("delta", "KEY_ALPHA"))
    stack.point("delta")
    streams = [client.stream("active", kind) for client in stack.clients for kind in sorted(PATHS)]
    stack.point("beta")
    stack.remove(["delta"])
    for number in range(CHANGES):
        name = f"passing-{number}"
        stack.add(upstream_model(name, "KEY_SPARE"))
        stack.point(name)
        stack.point("gamma")
        stack.remove([name])
    stack.add(upstream_model("delta", "KEY_BETA"))
    assert [client.chat("active").text for client in stack.clients] == [words("gamma")] * 2
    for stream in streams:
        assert (stream.rest(), stream.complete) == (words("delta", key_of("alpha")) * 6, True)


@pytest.fixture
def slow(stack: Stack) -> Iterator[Stack]:
    """The second worker's loop stands still for 150 ms, again and again."""
    source = """
    import time
    async def stand_still():
        while True:
            time.sleep(0.15)
            await asyncio.sleep(0.05)
    proxy.slowed_by_test = asyncio.create_task(stand_still())
    """
    worker = stack.proxy.workers[1]
    inside(worker, source)
    yield stack
    inside(worker, "proxy.slowed_by_test.cancel()")


def test_a_slow_worker_comes_later_and_fails_nobody(slow: Stack, tmp_path: Path) -> None:
    stack = slow
    timeline = Timeline(words("alpha"))
    with Load(tmp_path, [client.url for client in stack.clients], connections=8, stream_every=4) as load:
        for number in range(CHANGES):
            target = ("beta", "gamma")[number % 2]
            with timeline.change(words(target)):
                stack.point(target)
            load.wait_until_count(load.count() + 2)
    assert [load.failed, mixed(load.samples), wrong(load.samples, timeline)] == [[], [], []]
    assert {sample.url for sample in load.samples} == {client.url for client in stack.clients}


CHECK = "validate_deployment_max_agentic_loops"  # one of those that LiteLLM's start makes of each entry, on every line
MEND = f"proxy.{CHECK} = proxy.kept_by_test"


@pytest.fixture
def refusing(stack: Stack) -> Iterator[Stack]:
    """The second worker takes no model called `delta`."""
    source = f"""
    proxy.kept_by_test = getattr(proxy, "{CHECK}", lambda entry: None)
    def refuse(entry):
        if entry["model_name"] == "delta":
            raise ValueError("not on this worker")
        return proxy.kept_by_test(entry)
    proxy.{CHECK} = refuse
    """
    worker = stack.proxy.workers[1]
    inside(worker, source)
    yield stack
    inside(worker, MEND)


def test_a_refusing_worker_goes_on_with_the_last_good_state(refusing: Stack, tmp_path: Path) -> None:
    """It says so, serves on, and takes what does not need the refused model."""
    stack = refusing
    first, second = stack.clients
    pids = [worker.pid for worker in stack.proxy.workers]
    with Load(tmp_path, [client.url for client in stack.clients], connections=8, stream_every=4) as load:
        desired = stack.base.deployments | {each.id: each for each in [upstream_model("delta", "KEY_SPARE")]}
        head = stack.publish(replace(stack.base, deployments=desired), wait=False)
        wait_until(lambda: all(row.version >= head.version for row in stack.rows()), "both have dealt with it")
        rows = {row.pid: row for row in stack.rows()}
        assert [rows[pid].revision for pid in pids] == [head.revision, stack.base.revision]
        assert rows[pids[0]].error is None
        assert "`delta`" in str(rows[pids[1]].error)
        assert "not on this worker" in str(rows[pids[1]].error)
        head = stack.point("delta", wait=False)
        wait_until(lambda: all(row.version >= head.version for row in stack.rows()), "both have dealt with it")
        assert [row.targets["active"] for row in sorted(stack.rows(), key=lambda row: pids.index(row.pid))] == [
            "delta",
            "alpha",
        ]
        assert [first.chat("active").text, second.chat("active").text] == [
            words("delta", key_of("spare")),
            words("alpha"),
        ]
        head = stack.point("beta", wait=False)
        wait_until(lambda: all(row.targets["active"] == "beta" for row in stack.rows()), "both point to beta")
        assert [client.chat("active").text for client in stack.clients] == [words("beta")] * 2
        load.wait_until_count(load.count() + 10)
    assert [load.failed, mixed(load.samples)] == [[], []]
    inside(stack.proxy.workers[1], MEND)
    stack.publish(replace(stack.base, fallbacks={"fallbacks": {"alpha": ["gamma"]}}, deployments=desired))
    assert [client.chat("delta").ok for client in stack.clients] == [True, True]
