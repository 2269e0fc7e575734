"""What a team does with modelctl on any day, on whichever line of LiteLLM runs: `make smoke` repeats it on other lines.

Each test is one promise; the whole takes a boot of two workers and one restart.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from modelctl.state.desired import Deployment, Route, deployment
from support.in_worker import inside
from support.lines import litellm_release, release_of
from support.litellm_stack import Stack
from support.models import key_of, upstream_model
from support.proxy import Workers
from support.proxy_client import PATHS
from support.waiting import wait_until


def words(model: str, key: str | None = None) -> str:
    return f"model={model} key={key or key_of(model)};"


def texts(stack: Stack, model: str) -> set[str]:
    """What the workers answer."""
    return {client.chat(model).text for client in stack.clients}


def changed(model: Deployment) -> Deployment:
    return deployment(model.group, {**model.params, "api_key": "os.environ/KEY_BETA"}, {})


def test_workers_boot_on_the_stored_state_and_say_which_litellm_they_run(stack: Stack) -> None:
    assert texts(stack, "active") == {words("alpha")}
    assert [(row.error, row.revision, row.litellm) for row in stack.rows()] == [
        (None, stack.base.revision, litellm_release())
    ] * 2


@pytest.mark.parametrize("kind", sorted(PATHS))
def test_hot_model_with_a_key_by_reference_is_seen_on_the_wire(stack: Stack, kind: str) -> None:
    stack.add(upstream_model("delta", "KEY_SPARE"))
    for client in stack.clients:
        assert client.ask("delta", kind).ok
    assert {each["headers"]["authorization"] for each in stack.upstream.requests("delta")} == {
        f"Bearer {key_of('spare')}"
    }


def test_edit_is_live_with_its_ack(stack: Stack) -> None:
    stack.publish_deployments([changed(each) for each in stack.base.deployments.values()])
    assert texts(stack, "alpha") == {words("alpha", key_of("beta"))}


def test_refused_edit_leaves_traffic_as_it_was(stack: Stack) -> None:
    bad = deployment("bad", {"model": "nonesuch/model", "api_key": "os.environ/KEY_ALPHA"}, {})
    nacks = stack.refused(upstream_model("delta", "KEY_SPARE"), bad)
    assert [("`bad`" in text, "nonesuch" in text) for text in nacks] == [(True, True)] * 2
    assert {client.chat("delta").status for client in stack.clients} == {400}
    assert texts(stack, "active") == {words("alpha")}


@pytest.mark.parametrize("kind", sorted(PATHS))
def test_stream_ends_on_its_model_across_a_switch(stack: Stack, kind: str) -> None:
    stack.upstream.behave("alpha", seconds=2.0, pieces=6)
    streams = [client.stream("active", kind) for client in stack.clients]
    stack.point("beta")
    assert texts(stack, "active") == {words("beta")}
    assert [(stream.rest(), stream.complete) for stream in streams] == [(words("alpha") * 6, True)] * 2


def test_route_falls_back_by_its_own_chain(stack: Stack) -> None:
    stack.publish(replace(stack.base, routes={"active": Route("active", "alpha", fallbacks=("beta", "gamma"))}))
    stack.upstream.behave("alpha", status=500)
    stack.upstream.behave("beta", status=500)
    assert texts(stack, "active") == {words("gamma")}


def test_foreign_alias_survives_edits_and_switches(stack: Stack) -> None:
    for worker in stack.proxy.workers:
        inside(worker, "router.update_settings(model_group_alias={**router.model_group_alias, 'theirs': 'gamma'})")
    stack.add(upstream_model("delta", "KEY_SPARE"))
    stack.point("beta")
    said = texts(stack, "theirs"), texts(stack, "active")
    for worker in stack.proxy.workers:  # the workers are everybody's; the hook leaves what is not ours where it is
        inside(worker, "router.update_settings(model_group_alias={'active': router.model_group_alias['active']})")
    assert said == ({words("gamma")}, {words("beta")})


def test_restarted_worker_boots_on_what_is_stored(stack: Stack) -> None:
    stack.add(upstream_model("delta", "KEY_SPARE"))
    stack.point("delta")
    worker = stack.proxy.workers[1]
    worker.process.stop()
    worker.start()
    assert worker.client.chat("active").text == words("delta", key_of("spare"))
    log = worker.process.output()
    assert log.index("following the store") < log.index("Proxy initialized with Config")


def test_workers_of_two_lines_follow_one_store_and_each_speaks_for_itself(stack: Stack, tmp_path: Path) -> None:
    """While a team moves from one LiteLLM to the next: the pinned one beside the one under test."""
    pinned = Path(sys.executable)
    beside = Workers(tmp_path, stack.state, stack.folder / "litellm_config.yaml", count=1, env=stack.proxy.env)
    beside.workers[0].interpreter = pinned
    try:
        beside.start()
        stack.add(upstream_model("delta", "KEY_SPARE"))
        stack.point("delta")
        there = words("delta", key_of("spare"))
        wait_until(lambda: beside.client.chat("active").text == there, "the third has switched too")
        said = texts(stack, "active")
        third = next(row for row in stack.store.workers() if row.pid == beside.workers[0].pid)
        nacks = stack.refused(deployment("bad", {"model": "nonesuch/model", "api_key": "os.environ/KEY_ALPHA"}, {}))
    finally:
        beside.stop()
    assert said == {there}
    assert (third.litellm, third.error) == (release_of(pinned), None)
    assert ["`bad`" in text for text in nacks] == [True, True]
