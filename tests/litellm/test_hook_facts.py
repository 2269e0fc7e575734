"""Facts that only a removed entry stated do not stay with the other entries of the same upstream model."""

from __future__ import annotations

from typing import Any

from modelctl.state.desired import deployment
from support.litellm_stack import Stack
from support.models import key_of, upstream_model

FACTS = {"max_input_tokens": 8000, "supports_function_calling": True, "mode": "chat"}


def lists(stack: Stack, name: str) -> list[Any]:
    """What each worker says of a model, in LiteLLM's lists."""
    said = []
    for client in stack.clients:
        models = client.http.get("/v1/models").json()["data"]
        groups = client.http.get("/model_group/info").json()["data"]
        said += [client.model_info(name), *(each for each in models if each["id"] == name)]
        said += [each for each in groups if each["model_group"] == name]
    return said


def test_facts_go_with_the_entry_that_stated_them(stack: Stack) -> None:
    before = lists(stack, "alpha")
    params = {"model": "openai/alpha", "api_key": "os.environ/KEY_ALPHA", "api_base": "os.environ/UPSTREAM_BASE"}
    stack.add(deployment("talkative", params, FACTS))
    assert {each["model_info"]["max_input_tokens"] for each in stack.client.model_info("talkative")} == {8000}
    stack.remove(["talkative"])
    assert lists(stack, "alpha") == before


def test_facts_that_another_entry_states_too_stay(stack: Stack) -> None:
    params = {"model": "openai/shared", "api_key": "os.environ/KEY_SPARE", "api_base": "os.environ/UPSTREAM_BASE"}
    stack.add(deployment("one", params, FACTS), deployment("two", params, {"max_input_tokens": 9000}))
    stack.remove(["one"])
    assert {each["model_info"]["max_input_tokens"] for each in stack.client.model_info("two")} == {9000}


def test_a_model_of_the_bundled_map_keeps_its_facts(stack: Stack) -> None:
    first = upstream_model("known", "KEY_SPARE", model="openai/gpt-4o-mini")
    stack.add(first)
    before = lists(stack, "known")
    stack.add(deployment("other", {**first.params, "timeout": 9}, {}))
    stack.remove(["other"])
    assert lists(stack, "known") == before
    assert before[0][0]["model_info"]["max_input_tokens"] == 128_000
    assert key_of("spare") not in str(before)


def test_what_a_refused_entry_said_is_taken_back(stack: Stack) -> None:
    """LiteLLM notes an entry's facts under its upstream model before it can still refuse the entry."""
    before = lists(stack, "alpha")
    params = {"model": "openai/alpha", "api_key": "os.environ/KEY_ALPHA", "api_base": "os.environ/UPSTREAM_BASE"}
    bad = deployment("bad", {**params, "tag_regex": ["("]}, {**FACTS, "mode": "responses"})
    said = stack.refused(bad)
    assert len(said) == len(stack.clients)
    assert all("LiteLLM drops `bad`" in text for text in said)
    assert lists(stack, "alpha") == before
    assert stack.client.chat("alpha").ok


def test_facts_stay_that_an_entry_states_which_writes_the_model_otherwise(stack: Stack) -> None:
    params = {"model": "openai/common", "api_key": "os.environ/KEY_SPARE", "api_base": "os.environ/UPSTREAM_BASE"}
    other = {**params, "model": "common", "custom_llm_provider": "openai"}
    stack.add(deployment("first", params, FACTS), deployment("second", other, FACTS))
    before = lists(stack, "first")
    stack.remove(["second"])
    assert lists(stack, "first") == before


def test_secret_in_a_field_of_another_kind_is_not_said(stack: Stack) -> None:
    params = {"model": "openai/alpha", "api_key": "os.environ/KEY_ALPHA", "max_retries": "os.environ/KEY_SPARE"}
    said = stack.refused(deployment("bad", params, {}))
    assert said
    assert key_of("spare") not in "".join(said)
    assert all("os.environ/KEY_SPARE" in text for text in said)


def test_of_an_upstream_model_that_many_entries_share_few_are_looked_at() -> None:
    from modelctl.hook import cost_map

    class Shared:
        """The part of a Router's backend that is asked."""

        asked = 0

        def entries(self) -> list[dict[str, Any]]:
            return [{"litellm_params": {"model": "openai/same"}, "model_info": {}}] * 1000

        def cost_map_keys(self, params: dict[str, Any]) -> set[str]:
            self.asked += 1
            return {"same"}

    router: Any = Shared()
    cost_map.forget(router, {"litellm_params": {"model": "openai/same"}, "model_info": {"mode": "chat"}})
    assert router.asked == cost_map.FEW + 2
