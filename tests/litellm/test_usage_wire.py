"""What the workers count of real requests through a real LiteLLM, against what the upstream saw and answered.

The workers keep their figures for as long as they run, so that no two tests ask for the same name.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from modelctl.service.usage_query import answer, asked
from modelctl.state.desired import Deployment, Route
from modelctl.store.usage_store import UsageStore
from modelctl.usage import PROBE
from support.in_worker import inside
from support.litellm_stack import Stack
from support.models import SETTINGS, upstream_model
from support.proxy_client import PATHS, Client
from support.waiting import wait_until

PRICES = {"input_cost_per_token": 1e-6, "output_cost_per_token": 3e-6, "cache_read_input_token_cost": 5e-7}
MODELS = ("u-plain", "u-cached", "u-second", "u-vectors")
FIGURES: dict[str, dict[str, Any]] = {  # how the upstream answers for each; a name belongs to the test that asks for it
    "u-plain": {"prompt": 11, "completion": 13},
    "u-cached": {"prompt": 40, "completion": 9, "cached": 30, "reasoning": 4},
    "u-second": {"prompt": 17, "completion": 19},
    "u-vectors": {"prompt": 23},
    "u-text": {"prompt": 6, "completion": 2},
    "u-unpriced": {"prompt": 3, "completion": 5},
    "u-broken": {"status": 500},
    "u-limited": {"status": 429},
    "u-slow": {"seconds": 3.0, "pieces": 6},
    "u-cut": {"cut_after": 1},
    "u-probed": {},
    "u-killed": {},
    "u-kept": {},
    "u-next": {},
    "u-chosen": {},
    "u-missed": {},
}
ROUTES = {
    "active": Route("active", "alpha"),
    "u-route": Route("u-route", "u-cached"),
    "u-careful": Route("u-careful", "u-broken", fallbacks=("u-second",)),
    "u-hopeless": Route("u-hopeless", "u-limited"),
    "u-moved": Route("u-moved", "alpha"),
}
Ask = Callable[[Client], object]


def priced(name: str) -> Deployment:
    return upstream_model(name, "KEY_SPARE", **({} if name == "u-unpriced" else PRICES))


@pytest.fixture
def counted(stack: Stack) -> Iterator[UsageStore]:
    """The models of this module, each failing, slow or dear in its own way; one retry."""
    settings = {**SETTINGS, "router_settings": {**SETTINGS["router_settings"], "num_retries": 1}}
    deployments = [*stack.base.deployments.values(), *(priced(name) for name in FIGURES)]
    desired = replace(stack.base, deployments={each.id: each for each in deployments}, routes=ROUTES, settings=settings)
    stack.publish(desired)
    for name, behaviour in FIGURES.items():
        stack.upstream.behave(name, **behaviour)
    kept = UsageStore(stack.state)
    yield kept
    kept.close()


def rows(kept: UsageStore, by: str = "model") -> dict[str, dict[str, Any]]:
    """By what they are grouped by; of this module's names alone, since the workers are everybody's."""
    found = answer(kept, asked(by, "1h", None, None, now=now()), now())["rows"]
    return {row[by]: row for row in found if row[by].startswith("u-")}


def now() -> float:
    import time

    return time.time()


def asks(kinds: list[str], models: list[str]) -> Iterator[Ask]:
    for kind, model in itertools.product(kinds, models):
        yield lambda client, kind=kind, model=model: client.ask(model, kind)
        yield lambda client, kind=kind, model=model: client.stream(model, kind).rest()


def completion(model: str) -> Ask:
    return lambda client: client.http.post("/v1/completions", json={"model": model, "prompt": "hello"})


def closed(kind: str) -> Ask:
    return lambda client: client.stream("u-slow", kind).close()


def through_both(stack: Stack, work: list[Ask]) -> None:
    """Each piece of work by one of the two workers in turn, eight at a time."""
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda each: each[0](each[1]), zip(work, itertools.cycle(stack.clients), strict=False)))


def usd(model: str, attempts: int) -> float:
    said = {"prompt": 5, "completion": 7, "cached": 0, **FIGURES[model]}
    if model == "u-vectors":
        said["completion"] = 0
    fresh = (said["prompt"] - said["cached"]) * PRICES["input_cost_per_token"]
    read = said["cached"] * PRICES["cache_read_input_token_cost"]
    return attempts * (fresh + read + said["completion"] * PRICES["output_cost_per_token"])


def test_counts_tokens_and_costs_are_what_the_upstream_saw(stack: Stack, counted: UsageStore) -> None:
    kinds = sorted(PATHS)
    ways = [
        *asks(kinds, ["u-plain", "u-route", "u-unpriced"]),
        *([lambda client: client.embeddings("u-vectors")] * 4),
        *([completion("u-text")] * 2),
    ]
    failing = [*asks(kinds, ["u-careful", "u-hopeless"])]
    work = ways * 12 + failing * 3 + [closed(kind) for kind in kinds] * 4
    through_both(stack, work)

    seen = Counter(each["model"] for each in stack.upstream.requests())
    requests = {
        "u-plain": 12 * 6, "u-text": 12 * 2, "u-cached": 12 * 6, "u-unpriced": 12 * 6, "u-vectors": 12 * 4,
        "u-second": 3 * 6, "u-limited": 3 * 6, "u-slow": 4 * 3, "u-broken": 0,
    }  # fmt: skip

    def arrived() -> bool:
        found = rows(counted)
        return all(found.get(name, {"requests": 0})["requests"] >= count for name, count in requests.items())

    wait_until(arrived, "every request is counted", 20)
    found = rows(counted)
    assert {name: found[name]["requests"] for name in requests} == requests
    assert {name: found[name]["attempts"] for name in requests} == {name: seen[name] for name in requests}
    assert seen["u-broken"] == seen["u-limited"] == 2 * 18  # each was tried twice
    for name in (*MODELS, "u-text", "u-unpriced"):
        said, row = FIGURES[name], found[name]
        assert row["prompt_tokens"] == seen[name] * said["prompt"], name
        assert row["completion_tokens"] == seen[name] * said.get("completion", 0), name
        assert row["cached_read_tokens"] == seen[name] * said.get("cached", 0), name
        assert row["reasoning_tokens"] == seen[name] * said.get("reasoning", 0), name
        assert row["succeeded"] == row["requests"], name
    # LiteLLM bills some text completions 0 while others run, and says itself that it applied no price (1.106).
    text = found["u-text"]
    assert text["cost"] == pytest.approx(usd("u-text", seen["u-text"] - text["cost_unknown"]), abs=1e-9)
    for name in MODELS:
        assert found[name]["cost_unknown"] == 0, name
        assert found[name]["cost"] == pytest.approx(usd(name, seen[name]), abs=1e-9), name
    assert (found["u-unpriced"]["cost"], found["u-unpriced"]["cost_unknown"]) == (None, seen["u-unpriced"])
    assert found["u-limited"]["failed"]["rate_limit"] == 18
    assert found["u-limited"]["attempts_failed"]["rate_limit"] == 36
    assert found["u-broken"]["attempts_failed"]["upstream"] == 36
    assert (found["u-slow"]["closed"], found["u-slow"]["succeeded"]) == (12, 12)
    assert {name: found[name]["not_counted"] for name in requests} == dict.fromkeys(requests, 0)

    routes = rows(counted, "route")
    assert routes["u-careful"]["requests"] == routes["u-careful"]["succeeded"] == 18
    assert routes["u-careful"]["attempts"] == 3 * 18  # two that failed, and the fallback
    assert routes["u-route"]["requests"] == 12 * 6
    assert routes["u-plain"]["first_token"]["p50"] < routes["u-plain"]["latency"]["p99"]
    workers = answer(counted, asked("worker", "1h", None, None, now=now()), now())["rows"]
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
    from modelctl.hook import activate, counting
    before, counting.LATE = counting.LATE, -1
    asked = {"body": {"model": "u-silent"}, "headers": {}}
    data = {"litellm_call_id": "silent", "proxy_server_request": asked}
    try:
        await activate._handler.async_post_call_response_headers_hook(data, None, object())
    finally:
        counting.LATE = before
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
    inside(worker, "from modelctl.hook import activate; activate._handler._series = lambda told: 1 / 0")
    try:
        assert [worker.client.chat("u-missed").status for _ in range(3)] == [200] * 3
        said = wait_until(lambda: [row.usage for row in stack.rows() if row.usage], "status says so")
        assert said == ["counting failed: ZeroDivisionError: division by zero"]
        assert worker.process.output().count("usage: counting failed") == 1
    finally:
        mend = (
            "from modelctl.hook import activate; del activate._handler._series; activate._handler.sink._failure = None"
        )
        inside(worker, mend)
    wait_until(lambda: not any(row.usage for row in stack.rows()), "it is over")
