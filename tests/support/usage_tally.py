"""A mixed load whose every figure is known, and what the workers counted of it held against what the upstream saw.

Of chat completions, messages and responses, plain and streamed, completions and embeddings; some fail and fall back,
some are closed by their client. At `scale` 1 it is 336 requests.
"""

from __future__ import annotations

import itertools
import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from modelctl.service.usage_query import usage_answer
from modelctl.service.usage_question import read_question
from modelctl.state.desired import Deployment, DesiredState, Route
from modelctl.store.usage_store import UsageStore
from support.models import SETTINGS, upstream_model
from support.proxy_client import PATHS, Client
from support.waiting import wait_until

PRICES = {"input_cost_per_token": 1e-6, "output_cost_per_token": 3e-6, "cache_read_input_token_cost": 5e-7}
BEHAVIOUR: dict[str, dict[str, Any]] = {  # how the upstream answers for each model
    "u-plain": {"prompt": 11, "completion": 13},
    "u-cached": {"prompt": 40, "completion": 9, "cached": 30, "reasoning": 4},
    "u-second": {"prompt": 17, "completion": 19},
    "u-vectors": {"prompt": 23, "completion": 0},
    "u-text": {"prompt": 6, "completion": 2},
    "u-unpriced": {"prompt": 3, "completion": 5},
    "u-broken": {"status": 500},
    "u-limited": {"status": 429},
    "u-slow": {"seconds": 3.0, "pieces": 6},
}
ROUTES = {
    "active": Route("active", "alpha"),
    "u-route": Route("u-route", "u-cached"),
    "u-careful": Route("u-careful", "u-broken", fallbacks=("u-second",)),
    "u-hopeless": Route("u-hopeless", "u-limited"),
}
ANSWERED = ("u-plain", "u-cached", "u-second", "u-vectors", "u-text", "u-unpriced")
Ask = Callable[[Client], object]
Rows = dict[str, dict[str, Any]]


def priced(name: str) -> Deployment:
    return upstream_model(name, "KEY_SPARE", **({} if name == "u-unpriced" else PRICES))


def published(base: DesiredState, models: Mapping[str, object], routes: Mapping[str, Route]) -> DesiredState:
    """With these models on the upstream; a call that fails is made once more."""
    settings = {**SETTINGS, "router_settings": {**SETTINGS["router_settings"], "num_retries": 1}}
    deployments = [*base.deployments.values(), *(priced(name) for name in models)]
    return replace(base, deployments={each.id: each for each in deployments}, routes=dict(routes), settings=settings)


def work(scale: int = 1) -> list[Ask]:
    """In an order that mixes all of it."""
    kinds = sorted(PATHS)
    ways = [
        *asks(kinds, ["u-plain", "u-route", "u-unpriced"]),
        *([lambda client: client.embeddings("u-vectors")] * 4),
        *([completion("u-text")] * 2),
    ]
    failing = [*asks(kinds, ["u-careful", "u-hopeless"])]
    mixed = scale * (ways * 12 + failing * 3 + [closed(kind) for kind in kinds] * 4)
    random.Random(scale).shuffle(mixed)
    return mixed


def asks(kinds: Sequence[str], models: Sequence[str]) -> Iterator[Ask]:
    for kind, model in itertools.product(kinds, models):
        yield lambda client, kind=kind, model=model: client.ask(model, kind)
        yield lambda client, kind=kind, model=model: client.stream(model, kind).rest()


def completion(model: str) -> Ask:
    return lambda client: client.http.post("/v1/completions", json={"model": model, "prompt": "hello"})


def closed(kind: str) -> Ask:
    return lambda client: client.stream("u-slow", kind).close()


def through_all(clients: Sequence[Client], asked_for: Sequence[Ask], at_once: int = 8) -> None:
    """Each piece of work by one of the workers in turn."""
    with ThreadPoolExecutor(at_once) as pool:
        list(pool.map(lambda each: each[0](each[1]), zip(asked_for, itertools.cycle(clients), strict=False)))


def usd(model: str, attempts: int) -> float:
    """What so many answered calls cost, by the prices and by what the upstream says of each."""
    said = {"prompt": 5, "completion": 7, "cached": 0, **BEHAVIOUR.get(model, {})}
    fresh = (said["prompt"] - said["cached"]) * PRICES["input_cost_per_token"]
    read = said["cached"] * PRICES["cache_read_input_token_cost"]
    return float(attempts * (fresh + read + said["completion"] * PRICES["output_cost_per_token"]))


def rows(kept: UsageStore, by: str = "model") -> Rows:
    """By what they are grouped by; of names that begin with `u-` alone, since workers may be everybody's."""
    now = time.time()
    found = usage_answer(kept, read_question(by, "1h", None, None, now=now), now)["rows"]
    return {row[by]: dict(row) for row in found if str(row[by]).startswith("u-")}  # type: ignore[literal-required]


def requests(scale: int) -> dict[str, int]:
    """Model -> requests that it ends."""
    each = {"u-plain": 72, "u-text": 24, "u-cached": 72, "u-unpriced": 72, "u-vectors": 48}
    more = {"u-second": 18, "u-limited": 18, "u-slow": 12, "u-broken": 0}
    return {name: scale * count for name, count in {**each, **more}.items()}


def counted(kept: UsageStore, scale: int, patience: float) -> Rows:
    """The rows by model, once every request of `work(scale)` is there."""
    wanted = requests(scale)

    def arrived() -> bool:
        found = rows(kept)
        return all(found.get(name, {"requests": 0})["requests"] >= count for name, count in wanted.items())

    wait_until(arrived, "every request is counted", patience, every=0.2)
    return rows(kept)


def differences(found: Rows, seen: Counter[str], scale: int) -> list[str]:
    """Every figure that is not what it must be. `seen`: how often the upstream was asked for each model."""
    return [
        f"{name}: {what} is {got}, {wanted} is right"
        for name in requests(scale)
        for what, got, wanted in _pairs(name, found[name], seen[name], scale)
        if abs(got - wanted) > (1e-9 if what == "cost" else 0)
    ]


def _pairs(name: str, row: Mapping[str, Any], seen: int, scale: int) -> Iterator[tuple[str, float, float]]:
    yield "requests", row["requests"], requests(scale)[name]
    yield "attempts", row["attempts"], seen
    yield "not_counted", row["not_counted"], 0
    bad = {"u-limited": "rate_limit", "u-broken": "upstream"}.get(name)
    yield "failed attempts", sum(row["attempts_failed"].values()), seen if bad else 0
    yield "failed requests", sum(row["failed"].values()), requests(scale)[name] if name == "u-limited" else 0
    if bad:
        yield bad, row["attempts_failed"][bad], seen
    yield "closed", row["closed"], requests(scale)[name] if name == "u-slow" else 0
    if name in ANSWERED:
        yield from _tokens(name, row, seen)


def _tokens(name: str, row: Mapping[str, Any], seen: int) -> Iterator[tuple[str, float, float]]:
    said = BEHAVIOUR[name]
    for what, field in (("prompt", "prompt_tokens"), ("completion", "completion_tokens"),
                        ("cached", "cached_read_tokens"), ("reasoning", "reasoning_tokens")):  # fmt: skip
        yield field, row[field], seen * said.get(what, 0)
    if name == "u-unpriced":
        yield "cost_unknown", row["cost_unknown"], seen
        return
    # LiteLLM bills some text completions 0 while others run, and says itself that it applied no price (1.106).
    unknown = row["cost_unknown"] if name == "u-text" else 0
    yield "cost_unknown", row["cost_unknown"], unknown
    yield "cost", row["cost"] or 0.0, usd(name, seen - unknown)
