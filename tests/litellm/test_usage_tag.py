"""Usage by a tag, of real requests through a real LiteLLM: a header, a key of metadata, LiteLLM's own tags."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from modelctl.service.usage_query import usage_answer
from modelctl.service.usage_question import read_question
from modelctl.store.usage_store import UsageStore
from support.in_worker import inside
from support.litellm_stack import Stack
from support.models import upstream_model
from support.proxy_client import PATHS, question
from support.waiting import wait_until

SET = """
from modelctl.hook import activate
from modelctl.hook.usage_tag import usage_tag
tag = usage_tag({"MODELCTL_USAGE_TAG": setting})
activate._handler.tally.tag = tag.value if tag else None
"""
WAYS: dict[str, dict[str, Any]] = {
    "header:x-team": {"headers": {"x-team": "blue"}},
    "metadata:team": {"body": {"metadata": {"team": "blue"}}},
    "tags:team": {"body": {"metadata": {"tags": ["team:blue"]}}},
}


@pytest.fixture
def kept(stack: Stack) -> Iterator[UsageStore]:
    store = UsageStore(stack.state)
    yield store
    store.close()
    for worker in stack.proxy.workers:
        inside(worker, SET, setting="")


def by_tag(kept: UsageStore, model: str) -> dict[str, int]:
    now = time.time()
    rows = usage_answer(kept, read_question("model,tag", "1h", None, None, now=now), now)["rows"]
    return {str(row["tag"]): row["requests"] for row in rows if row["model"] == model}


@pytest.mark.parametrize("setting", sorted(WAYS))
def test_requests_are_told_apart_by_what_they_say_of_themselves(stack: Stack, kept: UsageStore, setting: str) -> None:
    model, way = f"t-{setting.partition(':')[0]}", WAYS[setting]
    stack.add(upstream_model(model, "KEY_SPARE"))
    for worker in stack.proxy.workers:
        inside(worker, SET, setting=setting)
    for client in stack.clients:
        body = question("chat", model, "hello")
        tagged = {**body, **way.get("body", {})}
        for sent in (tagged, {**tagged, "stream": True}):
            client.http.post(PATHS["chat"], json=sent, headers=way.get("headers", {})).raise_for_status()
        client.http.post(PATHS["chat"], json=body).raise_for_status()
    wait_until(lambda: sum(by_tag(kept, model).values()) == 6, "all are counted", 20)
    assert by_tag(kept, model) == {"blue": 4, "none": 2}
