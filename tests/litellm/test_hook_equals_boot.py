"""A deployment that is added to a running worker is what the same entry is in a worker that booted with it.

One worker gets every entry hot; the other is then started again and boots on them. Both are asked the
same, and everything that can be seen of them from outside is compared: what the provider received,
what the client got, and what LiteLLM's own lists say.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from modelctl.state.desired import Deployment, Route, deployment
from support.in_worker import inside
from support.litellm_stack import Stack
from support.models import SETTINGS, key_of
from support.proxy import Worker
from support.waiting import wait_until

KEY = "os.environ/KEY_SPARE"
BASE = "os.environ/UPSTREAM_BASE"


@dataclass(frozen=True)
class Case:
    """Entries of one group, what to ask of it, and `seen`: what must be in the upstream's first request."""

    entries: list[Deployment]
    ask: str | None = None
    body: dict[str, Any] | None = None
    kind: str = "chat"
    seen: dict[str, Any] | None = None


def entry(
    name: str, info: dict[str, Any] | None = None, extra: dict[str, Any] | None = None, **params: Any
) -> Deployment:
    """Parameters over the usual ones; a None takes one away."""
    usual = {"model": f"openai/up-{name}", "api_key": KEY, "api_base": BASE}
    return deployment(name, {k: v for k, v in {**usual, **params}.items() if v is not None}, info or {}, extra)


def one(
    name: str,
    *,
    ask: str | None = None,
    body: dict[str, Any] | None = None,
    kind: str = "chat",
    seen: dict[str, Any] | None = None,
    **fields: Any,
) -> Case:
    return Case([entry(name, **fields)], ask, body, kind, seen)


PRICES = {"input_cost_per_token": 1e-3, "output_cost_per_token": 2e-3}
CASES: dict[str, Case] = {
    "api_key": one("api_key", api_key="os.environ/KEY_BETA", seen={"authorization": f"Bearer {key_of('beta')}"}),
    "api_key plain": one("api_key_plain", api_key="sk-plain-key", seen={"authorization": "Bearer sk-plain-key"}),
    "api_key unset": one("api_key_unset", api_key="os.environ/NOBODY_SET_THIS"),
    "api_base": one("api_base", api_base="os.environ/OTHER_BASE", seen={"path": "/other/v1/chat/completions"}),
    "headers": one(
        "headers", extra_headers={"x-one": "1", "x-secret": KEY}, seen={"x-one": "1", "x-secret": key_of("spare")}
    ),
    "organization": one("organization", organization="org-1", seen={"openai-organization": "org-1"}),
    "api_version": one(
        "api_version",
        model="azure/up-api_version",
        api_base="os.environ/AZURE_HERE",
        api_version="2025-01-01-preview",
        seen={"api-key": key_of("spare"), "query": {"api-version": "2025-01-01-preview"}},
    ),
    "base_model": one(
        "base_model",
        model="azure/up-base_model",
        api_base="os.environ/AZURE_HERE",
        api_version="2024-10-21",
        info={"base_model": "azure/gpt-4o"},
    ),
    "base_model in params": one(
        "base_model_2",
        model="azure/up-base_model_2",
        api_base="os.environ/AZURE_HERE",
        api_version="2024-10-21",
        base_model="azure/gpt-4o-mini",
    ),
    "anthropic": one(
        "anthropic",
        model="anthropic/up-anthropic",
        api_base="os.environ/BARE_BASE",
        seen={"x-api-key": key_of("spare")},
    ),
    "anthropic messages": one(
        "anthropic_messages", model="anthropic/up-am", api_base="os.environ/BARE_BASE", kind="messages"
    ),
    "timeout": one("timeout", timeout=7, stream_timeout="3.5"),
    "timeout reference": one("timeout_reference", timeout="os.environ/SOME_SECONDS"),
    "limits": one("limits", rpm=500, tpm=100_000, max_parallel_requests=4, weight=2),
    "numbers as strings": one("numbers", rpm="500", tpm="100000", weight="2", max_retries="1", timeout="12.5"),
    "prices as strings": one("price_strings", input_cost_per_token="0.001", output_cost_per_token="2e-3"),
    "limits beside": one("limits_beside", extra={"rpm": 77, "tpm": 7700}),
    "extra siblings": one("siblings", extra={"description": "a note", "owner": {"team": "blue"}}),
    "tags": one("tags", tags=["fast", "cheap"]),
    "mock": one("mock", model="openai/mock", mock_response="a fixed answer"),
    "prices": one("prices", **PRICES),
    "prices in info": one("prices_in_info", info=PRICES),
    "price of a known model": one("known_price", model="openai/gpt-4o-mini", input_cost_per_token=0.01),
    "no price": one("no_price", model="openai/gpt-4o"),
    "model info": one(
        "model_info",
        info={
            "max_input_tokens": 1234,
            "max_output_tokens": 567,
            "mode": "chat",
            "supports_vision": True,
            "team_note": "x",
            "nested": {"a": [1, {"b": 2}]},
            "version": "1.10",
        },
    ),
    "reference in info": one("info_reference", info={"region": "os.environ/SOME_SECONDS"}),
    "own id": one("own_id", info={"id": "an-id-of-its-own"}),
    "id that is a number": one("number_id", info={"id": 4711}),
    "access groups": one("access", info={"access_groups": ["beta-testers"]}),
    "responses": one("by_responses", kind="responses"),
    "drop_params": one(
        "drop",
        model="ollama_chat/up-drop",
        api_key=None,
        api_base="os.environ/BARE_BASE",
        drop_params=True,
        body={"logit_bias": {"1": 2}},
    ),
    "drop_params off": one(
        "drop_off",
        model="ollama_chat/up-drop_off",
        api_key=None,
        api_base="os.environ/BARE_BASE",
        body={"logit_bias": {"1": 2}},
    ),
    "additional_drop_params": one("drop_more", additional_drop_params=["temperature"], body={"temperature": 0.5}),
    "unknown parameter": one("unknown", top_secret_knob=3, seen={"body": {"top_secret_knob": 3}}),
    "sampling": one(
        "sampling", temperature=0.25, max_tokens=17, seen={"body": {"temperature": 0.25, "max_tokens": 17}}
    ),
    "extra_body": one("extra_body", extra_body={"deep": {"er": KEY}}),
    "list of mappings": one("mappings", extra_body={"list": [{"key": KEY}, "os.environ/KEY_SPARE"]}),
    "max_retries": one("max_retries", max_retries=0, num_retries=1),
    "cache control": one("cache_control", cache_control_injection_points=[{"location": "message", "role": "system"}]),
    "credential name": one("credential", api_key=None, litellm_credential_name="somewhere"),
    "region": one("region", region_name="eu", model_info_note="n"),
    "wildcard": one("wild/*", model="openai/*", ask="wild/up-anything", seen={"body": {"model": "up-anything"}}),
    "wildcard of a provider": one("deepseek/*", model="deepseek/*", ask="deepseek/deepseek-chat"),
    "load balanced": Case(
        [
            entry("balanced", model=f"openai/up-balanced-{n}", weight=1 if n == 1 else 0, api_key=f"os.environ/KEY_{k}")
            for n, k in ((1, "ALPHA"), (2, "BETA"))
        ]
    ),
    "ordered": Case([entry("ordered", model=f"openai/up-ordered-{n}", order=n) for n in (2, 1)]),
    "embedding": one("an_embedding", info={"mode": "embedding", "output_vector_size": 3}, kind="embeddings"),
    "environment": one("elsewhere", info={"supported_environments": ["production"]}),
    "budget": one("budget", max_budget=5.0, budget_duration="1d"),
    "guarded": one("blocked", info={"blocked": True}),
    "service tiers": one("tiers", timeout_by_service_tier={"flex": 30.0}),
}
ROUTES = {
    "through": Route("through", "prices"),
    "unseen": Route("unseen", "tags", hidden=True),
}
ENVIRONMENT = "import os\nos.environ.update(values)"


@dataclass
class Seen:
    """Everything that can be seen of one worker."""

    answers: dict[str, dict[str, Any]]
    lists: dict[str, Any]
    inner: dict[str, Any]


def ask(stack: Stack, worker: Worker, name: str, case: Case) -> dict[str, Any]:
    stack.upstream.forget()
    model = case.ask or case.entries[0].group
    if case.kind == "embeddings":
        reply = worker.client.embeddings(model)
        status, text, headers = reply.status_code, reply.text, reply.headers
    else:
        answer = worker.client.ask(model, case.kind, **(case.body or {}))
        status, text, headers = answer.status, answer.text, answer.headers
    received = [
        {
            "path": each["path"],
            "query": each["query"],
            "body": each["body"],
            "headers": {
                k: v for k, v in each["headers"].items() if k not in ("host", "content-length", "x-client-request-id")
            },
        }
        for each in stack.upstream.requests()
        if not each["path"].endswith("/models")  # LiteLLM asks for limits when it likes
    ]
    told = {k: v for k, v in headers.items() if k.startswith("x-litellm") and k not in TELLS_TIME}
    return {"status": status, "text": text, "told": told, "received": received}


TELLS_TIME = {
    "x-litellm-call-id",
    "x-litellm-overhead-duration-ms",
    "x-litellm-response-duration-ms",
    "x-litellm-callback-duration-ms",
    "x-litellm-timeout",
    "x-litellm-key-spend",
}
INNER = """
def known(entry):  # what LiteLLM registers twice under a shared name it spells out, unknown facts included
    return {key: value for key, value in (entry or {}).items() if value is not None and key != "key"}
entries = {each["model_info"]["id"]: each for each in router.model_list if each["model_name"] in names}
upstream = {each["litellm_params"]["model"] for each in entries.values()}
return {
    "entries": entries,
    "prices": {id_: litellm.model_cost.get(id_) for id_ in entries},
    "shared": {key: known(litellm.model_cost.get(key)) for key in upstream},
    "patterns": sorted(router.pattern_router.patterns),
    "wild": sorted(router.provider_default_deployment_ids),
    "groups": {name: len(places) for name, places in router.model_name_to_deployment_indices.items()},
    "names": sorted(router.model_names),
    "upstream_names": sorted(upstream.intersection(router.deployment_names)),
    "budgets": sorted(getattr(router.get_router_deployment_budget_limiter(), "deployment_budget_config", None) or {}),
    "aliases": router.model_group_alias,
}
"""


def look(stack: Stack, worker: Worker) -> Seen:
    http = worker.client.http

    def data(path: str, key: str) -> dict[str, Any]:
        found = http.get(path).raise_for_status().json()["data"]
        return {f"{each[key]} {index}": each for index, each in enumerate(sorted(found, key=repr))}

    answers = {name: ask(stack, worker, name, case) for name, case in CASES.items()}
    lists = {
        "/v1/model/info": data("/v1/model/info", "model_name"),
        "/v1/models": data("/v1/models", "id"),
        "/model_group/info": data("/model_group/info", "model_group"),
    }
    names = [each.group for case in CASES.values() for each in case.entries]
    return Seen(answers, lists, inside(worker, INNER, names=names))


@pytest.fixture(scope="module")
def both(session_stack: Stack) -> Iterator[tuple[Seen, Seen]]:
    """(what was added hot, what was booted): the same worker before and after a restart.

    It begins fresh, since LiteLLM itself keeps some of what earlier requests brought with them.
    """
    stack, worker = session_stack, session_stack.proxy.workers[1]
    stack.reset()
    worker.process.stop(grace=6)
    worker.start()
    stack.settled(stack.store.head().version, timeout=30)
    url = stack.upstream.url
    variables = {
        "OTHER_BASE": f"{url}/other/v1",
        "AZURE_HERE": url,
        "BARE_BASE": url,
        "SOME_SECONDS": "9",
        "LITELLM_ENVIRONMENT": "staging",
    }
    for each in stack.proxy.workers:
        inside(each, ENVIRONMENT, values=variables)
    entries = [each for case in CASES.values() for each in case.entries]
    stack.publish(
        replace(
            stack.base,
            deployments={each.id: each for each in [*stack.base.deployments.values(), *entries]},
            routes={**stack.base.routes, **ROUTES},
            settings=SETTINGS,
        )
    )
    hot = look(stack, worker)
    worker.process.stop(grace=6)
    worker.start(variables)
    stack.settled(stack.store.head().version, timeout=30)
    booted = look(stack, worker)
    stack.reset()
    yield hot, booted
    for each in stack.proxy.workers:
        inside(each, "import os\nfor name in names:\n    os.environ.pop(name, None)", names=sorted(variables))


@pytest.mark.parametrize("name", sorted(CASES))
def test_on_the_wire(both: tuple[Seen, Seen], name: str) -> None:
    hot, booted = (each.answers[name] for each in both)
    assert hot == booted
    for key, value in (CASES[name].seen or {}).items():
        request = booted["received"][0]
        if key == "body":
            assert value.items() <= request["body"].items()
        elif key in ("path", "query"):
            assert request[key] == value
        else:
            assert request["headers"][key] == value


@pytest.mark.parametrize("path", ["/v1/model/info", "/v1/models", "/model_group/info"])
def test_in_the_lists(both: tuple[Seen, Seen], path: str) -> None:
    hot, booted = (each.lists[path] for each in both)
    assert hot.keys() == booted.keys()
    for key in hot:
        assert hot[key] == booted[key]
    assert len(hot) > len(CASES) - 5


@pytest.mark.parametrize(
    "what",
    ["entries", "prices", "shared", "patterns", "wild", "groups", "names", "upstream_names", "budgets", "aliases"],
)
def test_in_the_router(both: tuple[Seen, Seen], what: str) -> None:
    hot, booted = (each.inner[what] for each in both)
    if what == "names":  # a boot counts entries that it leaves out, too; nothing that a client sees depends on it
        booted = [name for name in booted if name != "elsewhere"]
    assert hot == booted


def test_a_price_is_billed(both: tuple[Seen, Seen]) -> None:
    """5 tokens in and 7 out; a price of its own, one of LiteLLM's map, and none at all."""
    costs = {name: float(both[0].answers[name]["told"].get("x-litellm-response-cost", "nan")) for name in CASES}
    assert costs["prices"] == pytest.approx(5 * 1e-3 + 7 * 2e-3)
    assert costs["prices in info"] == costs["prices as strings"] == costs["prices"]
    assert 0 < costs["no price"] < 1e-3


# -- prices that change ------------------------------------------------------------------------------


def cost(stack: Stack, model: str) -> list[float]:
    answers = [client.chat(model) for client in stack.clients]
    assert [each.status for each in answers] == [200, 200]
    return [float(each.headers.get("x-litellm-response-cost", 0)) for each in answers]


@pytest.mark.parametrize("info", [{}, {"id": "the-same-id"}], ids=["another id", "the same id"])
@pytest.mark.parametrize("model", ["openai/up-priced", "openai/gpt-4o"])
def test_a_changed_or_removed_price_leaves_nothing(stack: Stack, info: dict[str, Any], model: str) -> None:
    def publish(**params: Any) -> list[float]:
        new = entry("priced", info=info, model=model, **params)
        stack.publish(replace(stack.base, deployments={**stack.base.deployments, new.id: new}))
        return cost(stack, "priced")

    unpriced = publish()
    assert publish(**PRICES) == [pytest.approx(0.019)] * 2
    assert publish(input_cost_per_token=0.1, output_cost_per_token=0.0) == [pytest.approx(0.5)] * 2
    assert publish() == unpriced
    stack.publish(stack.base)
    assert publish() == unpriced


def test_a_refused_price_leaves_the_old_one(stack: Stack) -> None:
    good = entry("priced", info={"id": "the-same-id"}, **PRICES)
    stack.publish(replace(stack.base, deployments={**stack.base.deployments, good.id: good}))
    bad = entry("priced", info={"id": "the-same-id"}, model="nonesuch/x", input_cost_per_token=9.0)
    head = stack.publish(replace(stack.base, deployments={**stack.base.deployments, bad.id: bad}), wait=False)
    wait_until(lambda: sum(row.version >= head.version and row.error is not None for row in stack.rows()) == 2, "nacks")
    assert cost(stack, "priced") == [pytest.approx(0.019)] * 2


def test_a_limit_that_changes_under_the_same_id_counts_at_once(stack: Stack) -> None:
    """LiteLLM keeps the slots of `max_parallel_requests` under the id."""
    source = """
    from litellm.router_utils.client_initalization_utils import MaxParallelRequestsLimit
    deployment = next(each for each in router.model_list if each["model_info"]["id"] == "the-same-id")
    if hasattr(router, "_get_client"):
        limit = router._get_client(deployment=deployment, kwargs={}, client_type="max_parallel_requests")
    else:
        limit = router._core._max_parallel_requests_client(deployment, {})
    return limit.max_parallel_requests if limit else None
    """
    found = []
    for limit in (3, 5, None):
        new = entry("limited", info={"id": "the-same-id"}, max_parallel_requests=limit)
        stack.publish(replace(stack.base, deployments={**stack.base.deployments, new.id: new}))
        found.append([inside(worker, source) for worker in stack.proxy.workers])
    assert found == [[3, 3], [5, 5], [None, None]]
