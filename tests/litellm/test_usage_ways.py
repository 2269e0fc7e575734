"""Every way in, plain and streamed: what the workers count of it, against what the upstream saw."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from time import time
from typing import Any

import httpx
import pytest

from modelctl.service.usage_query import usage_answer
from modelctl.service.usage_question import read_question
from modelctl.state.desired import Deployment, Route, deployment
from modelctl.store.usage_store import UsageStore
from support import lines
from support.in_worker import inside
from support.litellm_stack import Stack
from support.models import SETTINGS, upstream_model
from support.proxy_client import PATHS, Client, question
from support.waiting import wait_until

PER_TOKEN = {"input_cost_per_token": 1e-6, "output_cost_per_token": 3e-6}
WAVE = b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data\0\0\0\0"
BODIES: dict[str, dict[str, Any]] = {
    "/v1/completions": {"prompt": "hello"},
    "/v1/embeddings": {"input": "hello"},
    "/v1/images/generations": {"prompt": "a cat", "n": 1},
    "/v1/audio/speech": {"input": "hello", "voice": "alloy"},
    "/v1/rerank": {"query": "hello", "documents": ["a", "b"]},
}


BEHAVIOUR: dict[str, dict[str, Any]] = {
    "bad": {"status": 500}, "down": {"status": 500}, "slow": {"seconds": 3.0, "pieces": 6},
}  # fmt: skip


@dataclass(frozen=True)
class Way:
    """`hides`: calls that LiteLLM tells as one, since OpenAI's client repeats them. `falls_back`: not a stream that
    LiteLLM calls for only as the answer is read, when retries and fallbacks are over: it tells of no failed call."""

    name: str
    path: str
    price: dict[str, float]
    stream: bool = False
    prompt: int = 5
    completion: int = 7
    usd: float | None = 5 * 1e-6 + 7 * 3e-6  # of a call; None: LiteLLM knows no price
    hides: int = 1
    falls_back: bool = True

    @property
    def model(self) -> str:
        return f"w-{self.name}"

    def costs(self, calls: int) -> tuple[float | None, int]:
        """What is told as cost and as unknown cost."""
        return (None, calls) if self.usd is None else (calls * self.usd, 0)

    def begin(self, client: Client, model: str) -> None:
        """Read the first piece of a stream, and leave."""
        with client.http.stream("POST", self.path, json=self.body(model)) as reply:
            assert next(line for line in reply.iter_lines() if line.startswith("data:"))

    def body(self, model: str) -> dict[str, Any]:
        kind = next((kind for kind, path in PATHS.items() if path == self.path), None)
        body = question(kind, model, "hello") if kind else {"model": model, **BODIES[self.path]}
        return {**body, **({"stream": True} if self.stream else {})}

    def ask(self, client: Client, model: str, **extra: Any) -> httpx.Response:
        if self.path.endswith("transcriptions"):
            files = {"file": ("hello.wav", WAVE, "audio/wav")}
            return client.http.post(self.path, data={"model": model}, files=files)
        return client.http.post(self.path, json={**self.body(model), **extra})


NO_CALL = 1, 0, 0
_NO_TOKENS = {"prompt": 0, "completion": 0}
# From 1.109 on LiteLLM tells OpenAI's client not to repeat a call for images.
_REPEATS = 3 if tuple(map(int, lines.litellm_release().split(".")[:2])) < (1, 109) else 1
WAYS = [
    *(Way(kind, path, PER_TOKEN) for kind, path in PATHS.items()),
    *(Way(f"{kind}-stream", path, PER_TOKEN, stream=True) for kind, path in PATHS.items()),
    Way("completions", "/v1/completions", PER_TOKEN),
    Way("completions-stream", "/v1/completions", PER_TOKEN, stream=True, falls_back=False),
    Way("embeddings", "/v1/embeddings", PER_TOKEN, completion=0, usd=5e-6, hides=3),
    Way("images", "/v1/images/generations", {"input_cost_per_image": 0.02}, usd=0.02, hides=_REPEATS, **_NO_TOKENS),
    Way("speech", "/v1/audio/speech", {"input_cost_per_character": 1e-5}, usd=None, **_NO_TOKENS),
    Way("transcription", "/v1/audio/transcriptions", {"input_cost_per_second": 1e-4}, usd=2e-4, **_NO_TOKENS),
    Way("rerank", "/v1/rerank", {"input_cost_per_query": 0.002}, usd=0.002, **_NO_TOKENS),
]


def entry(name: str, price: dict[str, float]) -> Deployment:
    if "rerank" in name:
        params = {"model": f"cohere/{name}", "api_key": "os.environ/KEY_SPARE", "api_base": "os.environ/UPSTREAM_BASE"}
        return deployment(name, {**params, **price}, {"mode": "rerank"})
    return upstream_model(name, "KEY_SPARE", **price)


@pytest.fixture
def kept(stack: Stack) -> Iterator[UsageStore]:
    made = UsageStore(stack.state)
    yield made
    made.close()


def offer(stack: Stack, *ends: str) -> None:
    """For each way models with these ends of their names, which say how they behave. Failed calls are repeated once."""
    settings = {**SETTINGS, "router_settings": {**SETTINGS["router_settings"], "num_retries": 1}}
    names = {f"{way.model}{end}": way.price for way in WAYS for end in ends}
    deployments = [*stack.base.deployments.values(), *(entry(name, price) for name, price in names.items())]
    routes = [Route(f"{way.model}-careful", f"{way.model}-down", fallbacks=(f"{way.model}-spare",)) for way in WAYS]
    stack.publish(replace(
        stack.base, deployments={each.id: each for each in deployments}, settings=settings,
        routes={**stack.base.routes, **({each.name: each for each in routes} if "-down" in ends else {})},
    ))  # fmt: skip
    for name in names:
        stack.upstream.behave(name, **BEHAVIOUR.get(name.rpartition("-")[2], {}))


def rows(kept: UsageStore, by: str = "model") -> dict[str, dict[str, Any]]:
    now = time()
    found = usage_answer(kept, read_question(by, "1h", None, None, now=now), now)["rows"]
    return {row[by]: dict(row) for row in found if row[by].startswith("w-")}  # type: ignore[literal-required]


def arrived(kept: UsageStore, wanted: Mapping[str, int], by: str = "model") -> dict[str, dict[str, Any]]:
    """The rows, once so many requests are there."""

    def missing() -> list[str]:
        found = rows(kept, by)
        return [name for name, count in wanted.items() if found.get(name, {"requests": 0})["requests"] < count]

    wait_until(lambda: not missing(), "every request is counted", 20)
    return rows(kept, by)


def told(row: Mapping[str, Any], *names: str) -> tuple[Any, ...]:
    return tuple(row[name] for name in names)


def test_answers_are_counted_with_their_tokens_and_costs(stack: Stack, kept: UsageStore) -> None:
    offer(stack, "")
    for way in WAYS:
        assert [way.ask(client, way.model).status_code for client in stack.clients] == [200, 200], way.name
    found = arrived(kept, {way.model: 2 for way in WAYS})
    seen = Counter(each["model"] for each in stack.upstream.requests())
    wrong = []
    for way in WAYS:
        row = found[way.model]
        got = told(row, "requests", "succeeded", "attempts", "prompt_tokens", "completion_tokens", "not_counted")
        wrong += [(way.name, got)] * (got != (2, 2, seen[way.model], 2 * way.prompt, 2 * way.completion, 0))
        cost = None if row["cost"] is None else pytest.approx(row["cost"], abs=1e-9)
        wrong += [(way.name, cost, row["cost_unknown"])] * ((cost, row["cost_unknown"]) != way.costs(2))
    assert wrong == []


def test_failures_retries_and_fallbacks_are_counted(stack: Stack, kept: UsageStore) -> None:
    offer(stack, "-bad", "-down", "-spare")
    for way in WAYS:
        assert way.ask(stack.client, f"{way.model}-bad").status_code >= 400, way.name
        assert (way.ask(stack.client, f"{way.model}-careful").status_code == 200) == way.falls_back, way.name
    falling = [way for way in WAYS if way.falls_back]
    found = arrived(kept, {f"{way.model}-bad": 1 for way in WAYS} | {f"{way.model}-spare": 1 for way in falling})
    seen = Counter(each["model"] for each in stack.upstream.requests())
    wrong = []
    for way in WAYS:
        bad, down, spare = (found.get(f"{way.model}-{end}") for end in ("bad", "down", "spare"))
        got = failed(bad), failed(down), told(spare, "requests", "succeeded", "attempts") if spare else (0, 0, 0)
        calls, calls_down = (seen[f"{way.model}-{end}"] // way.hides for end in ("bad", "down"))
        right = (1, calls, calls), (0, calls_down, calls_down), (1, 1, 1)
        wrong += [(way.name, got)] * (got != (right if way.falls_back else (NO_CALL, NO_CALL, (0, 0, 0))))
    assert wrong == []
    assert {row["requests"] for name, row in rows(kept, "route").items() if name.endswith("-careful")} == {1}


def failed(row: Mapping[str, Any] | None) -> tuple[int, int, int]:
    """Failed requests, calls, failed calls."""
    return (row["failed"]["upstream"], row["attempts"], row["attempts_failed"]["upstream"]) if row else (0, 0, 0)


def test_answers_of_the_cache_are_requests_without_a_call(stack: Stack, kept: UsageStore) -> None:
    offer(stack, "-kept")
    worker = stack.proxy.workers[0]
    inside(worker, "litellm.enable_cache(type='local')")
    try:
        for way in WAYS:
            for _ in range(3):
                assert way.ask(worker.client, f"{way.model}-kept", caching=True).status_code == 200, way.name
        found = arrived(kept, {f"{way.model}-kept": 3 for way in WAYS})
    finally:
        inside(worker, "litellm.disable_cache()")
    seen = Counter(each["model"] for each in stack.upstream.requests())
    got = {way.name: told(found[f"{way.model}-kept"], "requests", "attempts", "cached") for way in WAYS}
    assert got == {way.name: (3, seen[f"{way.model}-kept"], 3 - seen[f"{way.model}-kept"]) for way in WAYS}
    assert {way.name for way in WAYS if seen[f"{way.model}-kept"] == 3} <= {"images", "speech", "transcription"}


STREAMS = [way for way in WAYS if way.stream]


@pytest.mark.parametrize("way", [way for way in STREAMS if way.falls_back], ids=lambda way: way.name)
def test_a_stream_that_its_client_closes_is_counted(stack: Stack, kept: UsageStore, way: Way) -> None:
    offer(stack, "-slow")
    way.begin(stack.client, f"{way.model}-slow")
    row = arrived(kept, {f"{way.model}-slow": 1})[f"{way.model}-slow"]
    assert told(row, "requests", "attempts", "closed") == (1, 1, 1)


def test_a_text_completion_that_its_client_closes_is_shown_as_not_counted(stack: Stack, kept: UsageStore) -> None:
    """LiteLLM bills a closed stream only where it has its pieces, and this one has none."""
    offer(stack, "-slow")
    (way,) = (way for way in STREAMS if not way.falls_back)
    later, worker = STREAMS[0], stack.proxy.workers[0]
    way.begin(worker.client, f"{way.model}-slow")
    later.begin(worker.client, f"{later.model}-slow")
    before = rows(kept, "route").get(f"{later.model}-slow", {"closed": 0})["closed"]
    # One that was closed after it is reported: LiteLLM has had its time for the first.
    wait_until(
        lambda: rows(kept, "route").get(f"{later.model}-slow", {"closed": 0})["closed"] > before, "it counts", 20
    )
    assert f"{way.model}-slow" not in rows(kept, "route")
    late = """
    import time
    from modelctl.hook.activate import _handler
    _handler.tally.note_overdue(time.time() + 901)
    """
    inside(worker, late)
    row = wait_until(lambda: rows(kept, "route").get(f"{way.model}-slow"), "it is shown")
    assert told(row, "not_counted", "requests") == (1, 0)


@pytest.mark.parametrize("stream", [False, True])
def test_what_programs_cannot_read_is_counted(stack: Stack, kept: UsageStore, stream: bool) -> None:
    offer(stack, "-read")
    name, more = f"w-chat{'-stream' * stream}-read", {"stream": True} if stream else {}
    for tool in ('{"city": "Bern"}', '{"city": '):
        stack.upstream.behave(name, tool=tool)
        tools = [{"type": "function", "function": {"name": "look", "parameters": {"type": "object", "properties": {}}}}]
        body = question("chat", name, "hello") | more
        assert stack.client.http.post(PATHS["chat"], json={**body, "tools": tools}).status_code == 200
    for text in ('{"a": 1}', '{"a": '):
        stack.upstream.behave(name, text=text, pieces=1)
        body = question("chat", name, "hello") | more | {"response_format": {"type": "json_object"}}
        assert stack.client.http.post(PATHS["chat"], json=body).status_code == 200
    counts = ("tool_calls", "tool_calls_invalid", "json_answers", "json_answers_invalid")
    wait_until(
        lambda: told(rows(kept).get(name, dict.fromkeys(counts, 0)), *counts) == (2, 1, 2, 1), "they are counted"
    )
