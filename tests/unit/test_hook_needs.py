"""An entry that needs what only a restart brings in is not served without it."""

from __future__ import annotations

from typing import Any

import pytest

from modelctl.hook.needs import waiting
from modelctl.state.desired import deployment

GUARD = {"guardrail_name": "pii", "litellm_params": {"guardrail": "presidio", "mode": "pre_call"}}
STORE = {"vector_store_name": "docs", "litellm_params": {"vector_store_id": "vs-1"}}


def needing(**params: Any) -> list[Any]:
    return [deployment("plain", {"model": "openai/a"}, {}), deployment("model", {"model": "openai/b", **params}, {})]


@pytest.mark.parametrize(
    ("params", "settings", "need"),
    [
        ({"guardrails": ["other", "pii"]}, {"guardrails": [GUARD]}, "`pii` of `guardrails`"),
        ({"prompt_id": "hello"}, {"prompts": [{"prompt_id": "hello"}]}, "`hello` of `prompts`"),
        ({"vector_store_ids": ["vs-1"]}, {"vector_store_registry": [STORE]}, "`vs-1` of `vector_store_registry`"),
    ],
)
def test_it_waits_for_the_restart_and_needs_it_once(params: Any, settings: Any, need: str) -> None:
    entries = needing(**params)
    assert waiting(entries, {}, settings) == (entries[1], need)
    assert waiting(entries, settings, settings) is None
    assert waiting(needing(), {}, settings) is None


@pytest.mark.parametrize("odd", [None, "pii", {"pii": 1}, [None, 3, {"guardrail_name": None}]])
def test_what_declares_nothing_is_not_waited_for(odd: Any) -> None:
    assert waiting(needing(guardrails=["pii"]), {}, {"guardrails": odd}) is None
