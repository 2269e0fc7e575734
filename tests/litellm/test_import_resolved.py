"""`changed` still means what was meant: proved on what LiteLLM sends for a config and for its import's render."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

import pytest

from modelctl.build.compile_tops import HOOK
from modelctl.importer.key_references import references
from support.import_result import Both, import_both
from support.resolved import resolve

pytestmark = pytest.mark.boots
VLLM = "http://vllm.internal:8000/v1"
CONFIGS = {
    "keys": f"""
model_list:
  - model_name: theirs
    litellm_params: {{model: openai/qwen3, api_base: "{VLLM}", api_key: office-secret-7}}
  - model_name: theirs-too
    litellm_params: {{model: openai/qwen3, api_base: os.environ/LOCAL_BASE, api_key: other-office-secret}}
  - model_name: own
    litellm_params: {{model: openai/gpt-6-luna, api_key: my-plain-openai-key}}
  - model_name: bare
    litellm_params: {{model: groq/openai/gpt-oss-120b}}
  - model_name: keyed
    litellm_params: {{model: groq/openai/gpt-oss-120b, api_key: my-plain-groq-key}}
  - model_name: empty
    litellm_params: {{model: mistral/mistral-large-latest, api_key: ""}}
  - model_name: free
    litellm_params: {{model: hosted_vllm/qwen3, api_base: "{VLLM}", api_key: dummy}}
  - model_name: referred
    litellm_params: {{model: anthropic/claude-opus-4-8, api_key: os.environ/TEAM_KEY}}
""",
    "references": """
model_list:
  - model_name: shell
    litellm_params: {model: "openai/${LOCAL_MODEL:-qwen3}", api_base: os.environ/LOCAL_BASE, api_key: none}
  - model_name: key
    litellm_params: {model: openai/gpt-6-luna, api_key: "${SHELL_KEY:-sk-nothing}"}
  - model_name: base
    litellm_params: {model: openai/qwen3, api_base: "http://${HOST}:8000/v1", api_key: none}
  - model_name: within
    litellm_params: {model: openai/qwen3, api_base: os.environ/LOCAL_BASE, api_key: "Bearer os.environ/KEY"}
  - model_name: wholly
    litellm_params: {model: os.environ/MODEL_NAME, api_base: os.environ/LOCAL_BASE, api_key: os.environ/KEY}
  - model_name: misspelt
    litellm_params: {model: openai/gpt-6-luna, api_key: os.environ.OTHER_KEY}
""",
    "headers": """
model_list:
  - model_name: headed
    litellm_params:
      model: openai/qwen3
      api_base: os.environ/LOCAL_BASE
      api_key: none
      extra_headers: {X-Team: sales, X-Api-Key: secret-of-a-gateway, X-Literal: plain}
  - model_name: by-reference
    litellm_params:
      model: openai/qwen3
      api_base: os.environ/LOCAL_BASE
      api_key: os.environ/KEY
      extra_headers: {X-Api-Key: os.environ/GATEWAY_KEY}
general_settings:
  pass_through_endpoints:
    - path: /rerank
      target: https://api.cohere.com/v1/rerank
      headers: {Authorization: bearer os.environ/RERANK_KEY, X-Team: sales}
""",
    "credentials": """
model_list:
  - model_name: by-name
    litellm_params: {model: openai/qwen3, litellm_credential_name: office}
  - model_name: literal
    litellm_params: {model: openai/qwen3, litellm_credential_name: plain}
credential_list:
  - credential_name: office
    credential_values: {api_key: os.environ/OFFICE_KEY, api_base: os.environ/LOCAL_BASE}
    credential_info: {}
  - credential_name: plain
    credential_values: {api_key: a-plain-credential, api_base: os.environ/LOCAL_BASE}
    credential_info: {}
""",
    "environment": """
model_list:
  - model_name: main
    litellm_params: {model: openai/qwen3, api_base: os.environ/LOCAL_BASE, api_key: os.environ/KEY}
  - model_name: by-default
    litellm_params: {model: deepseek/deepseek-v4-pro}
environment_variables:
  DEEPSEEK_API_BASE: http://deepseek.example/v1
  LANGFUSE_HOST: os.environ/LANGFUSE_ADDRESS
""",
    "azure": """
model_list:
  - model_name: token
    litellm_params:
      model: azure/gpt-6-luna
      api_base: https://acme.openai.azure.com
      azure_ad_token: oidc/env/TOKEN
      client_id: os.environ/AZURE_CLIENT
      tenant_id: os.environ/AZURE_TENANT
  - model_name: key
    litellm_params:
      model: azure/gpt-6-luna
      api_base: https://acme.openai.azure.com
      api_key: plain-azure-key-1
      api_version: "2026-01-01"
  - model_name: other
    litellm_params:
      model: azure/gpt-6-luna
      api_base: https://gateway.example.com
      api_key: plain-gateway-key
      api_version: "2026-01-01"
""",
    "wildcards": """
model_list:
  - model_name: openai/*
    litellm_params: {model: openai/*, api_key: os.environ/KEY}
  - model_name: main
    litellm_params: {model: openai/qwen3, api_base: os.environ/LOCAL_BASE, api_key: the-key-of-main}
router_settings:
  model_group_alias: {fast: gpt-4o-mini, any: openai/*}
""",
    "fallbacks of what a wildcard serves": f"""
model_list:
  - model_name: openai/*
    litellm_params: {{model: openai/*, api_key: os.environ/KEY, max_retries: 0}}
  - model_name: groq/*
    litellm_params: {{model: groq/*, api_key: os.environ/GROQ_KEY, max_retries: 0}}
  - model_name: main
    litellm_params: {{model: openai/qwen3, api_base: "{VLLM}", api_key: none, max_retries: 0}}
  - model_name: spare
    litellm_params: {{model: openai/spare, api_base: "{VLLM}", api_key: none, max_retries: 0}}
router_settings:
  fallbacks: [{{gpt-4o-mini: [spare, main]}}, {{openai/gpt-5-mini: [main]}}, {{llama-x: [gpt-4o]}}, {{main: [spare]}}]
  model_group_alias: {{fast: gpt-4o-mini}}
""",
    "fallbacks of what the wildcard of all serves": f"""
model_list:
  - model_name: "*"
    litellm_params: {{model: openai/*, api_key: os.environ/KEY, max_retries: 0}}
  - model_name: main
    litellm_params: {{model: openai/qwen3, api_base: "{VLLM}", api_key: none, max_retries: 0}}
litellm_settings:
  default_fallbacks: [main]
  fallbacks: [{{my-own: [gpt-4o, main]}}]
""",
}
ASKED = {  # config -> names that are asked for, each with the models that LiteLLM tries for it
    "fallbacks of what a wildcard serves": {
        "gpt-4o-mini": ["gpt-4o-mini", "spare", "qwen3"],
        "openai/gpt-4o-mini": ["gpt-4o-mini", "spare", "qwen3"],
        "gpt-5-mini": ["gpt-5-mini", "qwen3", "spare"],
        "openai/gpt-5-mini": ["gpt-5-mini", "qwen3", "spare"],
        "groq/llama-x": ["llama-x", "gpt-4o"],
        "openai/gpt-4o": ["gpt-4o"],
        "fast": ["gpt-4o-mini"],
        "main": ["qwen3", "spare"],
    },
    "fallbacks of what the wildcard of all serves": {
        "my-own": ["my-own", "gpt-4o", "qwen3"],
        "other": ["other", "qwen3"],
    },
}


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Both, dict[str, Any], dict[str, Any]]]:
    """Each config: the import, and what LiteLLM makes of it and of the render."""
    folder = tmp_path_factory.mktemp("resolved")
    made: dict[str, Both] = {}
    for name, text in CONFIGS.items():
        path = folder / f"{name}.yaml"
        path.write_text(text)
        made[name] = import_both(path, folder / name)
    found = resolve([job for name, both in made.items() for job in jobs(both, list(ASKED.get(name, ())))])
    return {name: (both, *found[2 * at : 2 * at + 2]) for at, (name, both) in enumerate(made.items())}  # type: ignore[misc]


def jobs(both: Both, asked: list[str]) -> list[dict[str, Any]]:
    """The config in the environment that it was written for; the render with what the import offers besides."""
    assert both.after is not None
    before, after = (json.loads(json.dumps(each, default=str)) for each in (both.before, both.after))
    callbacks = after.get("litellm_settings", {}).get("callbacks")
    if callbacks is not None:
        callbacks.remove(HOOK)
    offered = both.environment()
    own = {name: _value(name) for name in references(before)} | {"TOKEN": "a token"}
    named = {name: _value(name) for name in references(after)}
    envs = own, {**named, **own, **offered}
    return [{"config": config, "env": env, "asked": asked} for config, env in zip((before, after), envs, strict=True)]


def _value(name: str) -> str:
    if name.endswith("_BASE"):
        return f"http://{name.lower().replace('_', '-')}.internal/v1"
    return "openai/by-name" if name == "MODEL_NAME" else f"value of {name}"


def plain(both: Both, resolved: dict[str, Any]) -> Any:
    """Without the difference that is meant: placeholders are `none` in a catalog."""
    text = json.dumps(resolved, sort_keys=True)
    for each in both.made.having("changed"):
        if "placeholder" in each.reason:
            value: Any = both.before
            for step in each.path:
                value = value[step]
            text = re.sub(rf"\b{re.escape(value)}\b", "none", text)
    found = json.loads(text)
    return {**found, "entries": Counter(json.dumps(each) for each in found.get("entries", []))}


@pytest.mark.parametrize("name", CONFIGS)
def test_litellm_sends_the_same(name: str, pairs: dict[str, tuple[Both, dict[str, Any], dict[str, Any]]]) -> None:
    both, before, after = pairs[name]
    assert "refused" not in before
    assert len(before["entries"]) == len(both.before["model_list"])
    assert plain(both, after) == plain(both, before)


def test_every_entry_was_really_sent(pairs: dict[str, tuple[Both, dict[str, Any], dict[str, Any]]]) -> None:
    unsent = [entry for _, before, _ in pairs.values() for entry in before["entries"] if entry[1] == "nothing was sent"]
    assert unsent == []


def test_no_key_of_a_provider_goes_to_another_host(
    pairs: dict[str, tuple[Both, dict[str, Any], dict[str, Any]]],
) -> None:
    """Also where the variables that the import offers are not set: what is well-known then must not stand in."""
    for both, _, after in pairs.values():
        for group, address, headers, _ in after["entries"]:
            assert ".internal" not in address or "global" not in json.dumps(headers), group
        own = [each.name for each in both.made.variables if each.name in ("OPENAI_API_KEY", "AZURE_API_KEY")]
        assert all(_own_host(both, name) for name in own), own


def _own_host(both: Both, name: str) -> bool:
    path = next(each.path for each in both.made.variables if each.name == name)
    base = both.before["model_list"][path[1]]["litellm_params"].get("api_base", "")
    return base == "" or "azure.com" in base


@pytest.mark.parametrize("name", ASKED)
def test_fallbacks_of_a_name_that_only_a_wildcard_serves_are_carried_over(
    name: str, pairs: dict[str, tuple[Both, dict[str, Any], dict[str, Any]]]
) -> None:
    both, before, after = pairs[name]
    models = {asked: list(dict.fromkeys(each[2] for each in tried)) for asked, tried in before["asked"].items()}
    assert models == ASKED[name]
    assert after["asked"] == before["asked"]
    assert [each.reason for each in both.made.having("lost")] == []
