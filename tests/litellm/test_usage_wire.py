"""What the workers count of real requests through a real LiteLLM, against what the upstream saw and answered.

The workers keep their figures for as long as they run, so that no two tests ask for the same name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from time import time
from typing import Any

import pytest

from modelctl.service.usage_query import usage_answer
from modelctl.service.usage_question import read_question
from modelctl.state.desired import Route
from modelctl.store.usage_store import UsageStore
from modelctl.usage import PROBE
from support import usage_tally
from support.in_worker import inside
from support.litellm_stack import Stack
from support.proxy_client import PATHS
from support.usage_tally import BEHAVIOUR, ROUTES, rows, through_all, usd
from support.waiting import wait_until

MODELS: dict[str, dict[str, Any]] = {  # how the upstream answers for each; a name belongs to the test that asks for it
    **BEHAVIOUR,
    "u-cut": {"cut_after": 1},
    "u-probed": {},
    "u-killed": {},
    "u-kept": {},
    "u-next": {},
    "u-chosen": {},
    "u-missed": {},
}


@pytest.fixture
def counted(stack: Stack) -> Iterator[UsageStore]:
    """The models of this module, each failing, slow or dear in its own way; one retry."""
    stack.publish(usage_tally.published(stack.base, MODELS, {**ROUTES, "u-moved": Route("u-moved", "alpha")}))
    for name, behaviour in MODELS.items():
        stack.upstream.behave(name, **behaviour)
    kept = UsageStore(stack.state)
    yield kept
    kept.close()


def test_counts_tokens_and_costs_are_what_the_upstream_saw(stack: Stack, counted: UsageStore) -> None:
    through_all(stack.clients, usage_tally.work())
    found = usage_tally.counted(counted, 1, 20)
    seen = Counter(each["model"] for each in stack.upstream.requests())
    assert usage_tally.differences(found, seen, 1) == []
    assert seen["u-broken"] == seen["u-limited"] == 2 * 18  # each was tried twice
    assert (found["u-slow"]["succeeded"], found["u-unpriced"]["cost"]) == (12, None)

    routes = rows(counted, "route")
    assert routes["u-careful"]["requests"] == routes["u-careful"]["succeeded"] == 18
    assert routes["u-careful"]["attempts"] == 3 * 18  # two that failed, and the fallback
    assert routes["u-route"]["requests"] == 12 * 6
    assert routes["u-plain"]["first_token"]["p50"] < routes["u-plain"]["latency"]["p99"]
    workers = usage_answer(counted, read_question("worker", "1h", None, None, now=time()), time())["rows"]
    assert {row.id for row in stack.rows()} <= {row["worker"] for row in workers if row["requests"]}


def test_a_stream_that_breaks_is_a_failed_attempt_and_a_failed_request(stack: Stack, counted: UsageStore) -> None:
    stack.client.stream("u-cut").rest()
    row = wait_until(
        lambda: (row := rows(counted).get("u-cut")) and row["requests"] and row["attempts"] and row, "both"
    )
    assert (row["requests"], row["succeeded"], row["failed"]["upstream"]) == (1, 0, 1)
    assert (row["attempts"], row["attempts_failed"]["upstream"]) == (1, 1)


def test_an_answer_of_the_cache_is_a_request_without_an_attempt(stack: Stack, counted: UsageStore) -> None:
    worker = stack.proxy.workers[0]
    inside(worker, "litellm.enable_cache(type='local')")
    try:
        assert [worker.client.chat("u-kept", "the same", caching=True).ok for _ in range(3)] == [True] * 3
        wait_until(lambda: rows(counted).get("u-kept", {}).get("requests") == 3, "they are counted")
    finally:
        inside(worker, "litellm.disable_cache()")
    row = rows(counted)["u-kept"]
    assert (row["cached"], row["attempts"], len(stack.upstream.requests("u-kept"))) == (2, 1, 1)
    assert row["cost"] == pytest.approx(usd("u-kept", 1))


def test_what_modelctl_asks_itself_is_no_traffic(stack: Stack, counted: UsageStore) -> None:
    body = {"model": "u-probed", "messages": [{"role": "user", "content": "ping"}]}
    assert stack.client.http.post(PATHS["chat"], json=body, headers={PROBE: "ping"}).status_code == 200
    assert stack.client.chat("u-next").ok
    wait_until(lambda: "u-next" in rows(counted), "what came after it is counted")
    assert "u-probed" not in rows(counted)


def test_a_request_whose_end_nobody_tells_is_shown_as_not_counted(stack: Stack, counted: UsageStore) -> None:
    begun = """
    import time
    from modelctl.hook.activate import _handler
    asked = {"body": {"model": "u-silent"}, "headers": {}}
    data = {"litellm_call_id": "silent", "proxy_server_request": asked}
    await _handler.async_post_call_response_headers_hook(data, None, object())
    _handler.tally.note_overdue(time.time() + 901)
    """
    inside(stack.proxy.workers[0], begun)
    row = wait_until(lambda: rows(counted, "route").get("u-silent"), "it is shown")
    assert (row["not_counted"], row["requests"], row["success_rate"]) == (1, 0, None)


@pytest.mark.parametrize("kind", sorted(PATHS))
def test_answers_say_which_revision_route_and_selection_they_came_by(
    stack: Stack, counted: UsageStore, kind: str
) -> None:
    ids = {row.pid: row.id for row in stack.rows()}
    stack.point("u-chosen", "u-moved")
    for worker in stack.proxy.workers:
        said = {"x-modelctl-revision": stack.desired.revision, "x-modelctl-worker": ids[worker.pid]}
        chosen = {**said, "x-modelctl-route": "u-moved", "x-modelctl-selection": "u-chosen; run-time"}
        default = {**said, "x-modelctl-route": "active", "x-modelctl-selection": "alpha; git"}
        assert ours(worker.client.ask("u-moved", kind).headers) == chosen
        stream = worker.client.stream("u-moved", kind)
        assert (stream.rest() != "", ours(stream.headers)) == (True, chosen)
        assert ours(worker.client.ask("active", kind).headers) == default
        assert ours(worker.client.ask("alpha", kind).headers) == said


def ours(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name.startswith("x-modelctl-")}


def test_a_worker_that_is_killed_has_told_all_but_its_last_second(stack: Stack, counted: UsageStore) -> None:
    worker = stack.proxy.workers[1]
    assert all(worker.client.chat("u-killed").ok for _ in range(10))
    wait_until(lambda: rows(counted).get("u-killed", {}).get("requests") == 10, "they are counted")
    worker.process.kill()
    assert rows(counted)["u-killed"]["requests"] == 10
    worker.start()
    assert worker.client.chat("u-killed").ok
    wait_until(lambda: rows(counted)["u-killed"]["requests"] == 11, "the next one counts on")


def test_counting_that_fails_is_said_once_and_hurts_no_request(stack: Stack, counted: UsageStore) -> None:
    worker = stack.proxy.workers[0]
    inside(worker, "from modelctl.hook.activate import _handler; _handler.tally._series = lambda told: 1 / 0")
    try:
        assert [worker.client.chat("u-missed").status for _ in range(3)] == [200] * 3
        said = wait_until(lambda: [row.usage for row in stack.rows() if row.usage], "status says so")
        assert said == ["counting failed: ZeroDivisionError: division by zero"]
        assert worker.process.output().count("usage: counting failed") == 1
    finally:
        mend = "from modelctl.hook.activate import _handler; del _handler.tally._series; "
        inside(worker, mend + "_handler.tally.sink._failure = None")
    wait_until(lambda: not any(row.usage for row in stack.rows()), "it is over")
