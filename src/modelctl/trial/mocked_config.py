"""A copy of a config that reaches nobody: every deployment asks our own upstream, nothing else is connected."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from modelctl.litellm_spec import known_keys
from modelctl.litellm_spec.config import section
from modelctl.litellm_spec.price_map import find, price_map

PREFIX = "os.environ/"
DUMMY = "trial"
MASTER_KEY = "sk-trial-2f1c9b7a6e5d4830"
SECTIONS = ("model_list", "router_settings", "litellm_settings", "general_settings", "credential_list")
# Providers whose protocol our upstream speaks at any `api_base`. The others get LiteLLM's own `mock_response`.
AT_API_BASE = frozenset(
    (
        "anthropic", "azure", "azure_ai", "cerebras", "custom_openai", "dashscope", "deepinfra", "deepseek",
        "fireworks_ai", "gemini", "groq", "hosted_vllm", "hyperbolic", "litellm_proxy", "llamafile", "lm_studio",
        "mistral", "moonshot", "nebius", "novita", "nvidia_nim", "ollama", "ollama_chat", "openai", "openai_like",
        "openrouter", "perplexity", "sambanova", "text-completion-openai", "together_ai", "vllm", "xai",
    )
)  # fmt: skip
WITHOUT_V1 = frozenset(("azure", "azure_ai", "anthropic", "gemini", "ollama", "ollama_chat"))
_SECRET = re.compile(r"key|token|secret|password|credential|client_id|tenant_id|role|profile|session", re.IGNORECASE)
_PER_TOKEN = re.compile(r"(?:cost|price)_per|tokens?$|^max_|^use_|token_cost")
_REDIS = re.compile(r"redis|cache_kwargs|^cache_responses$|provider_budget|alerting")
_CALLBACKS = re.compile(r"callback|guardrail|logger|langfuse|s3_|gcs_|otel|posthog|slack|vector_store|mcp|prompt")
_OUTSIDE = re.compile(
    r"database|redis|alert|custom_|store_|secret|key_management|pass_through|health_check|spend|_url$|_urls$|jwt|"
    r"oauth|sso|email|ui_|_path$|infer_model_from_keys|maximum_spend|prisma|otel|control_plane|worker|pod|coordinat"
)
_CACHES_OF_OURS = ("local", "disk")  # kinds that need no server


@dataclass(frozen=True)
class MockedEntry:
    """One entry of `model_list`: where it stood, its own id there (made up where it had none), who answers for it."""

    index: int
    group: str
    id: str
    model: str
    provider: str
    mode: str | None
    upstream: bool  # our upstream answers; else LiteLLM's mock does


@dataclass(frozen=True)
class Mocked:
    config: dict[str, Any]
    entries: tuple[MockedEntry, ...]
    left_out: tuple[str, ...]  # `section` or `section.key`: not compared
    environ: dict[str, str] = field(default_factory=dict)  # a value for every variable that the copy names


def mocked(config: Mapping[str, Any], upstream: str, environ: Mapping[str, str]) -> Mocked:
    """`upstream` is the URL of ours; `environ` tells the values of variables that hold no secret."""
    kept: dict[str, Any] = {}
    left_out = [name for name in config if name not in SECTIONS]
    for name in ("router_settings", "litellm_settings", "general_settings"):
        kept[name], gone = _settings(name, section(config, name))
        left_out += [f"{name}.{key}" for key in gone]
    kept["general_settings"]["master_key"] = MASTER_KEY
    if isinstance(config.get("credential_list"), list):
        kept["credential_list"] = [_credential(each) for each in config["credential_list"]]
    written = config.get("model_list")
    pairs = [_entry(index, each, upstream) for index, each in enumerate(written if isinstance(written, list) else [])]
    kept["model_list"] = [entry for entry, _ in pairs]
    names = sorted(_references(kept))
    return Mocked(
        kept,
        tuple(known for _, known in pairs if known),
        tuple(left_out),
        {name: _value(name, environ) for name in names},
    )


# -- deployments -------------------------------------------------------------------------------


def _entry(index: int, written: Any, upstream: str) -> tuple[Any, MockedEntry | None]:
    """An item that is no entry is passed on unchanged: the trial shows how LiteLLM treats it."""
    params = written.get("litellm_params") if isinstance(written, dict) else None
    if not isinstance(params, dict) or not isinstance(params.get("model"), str):
        return copy.deepcopy(written), None
    made = copy.deepcopy(written)
    info = made["model_info"] if isinstance(made.get("model_info"), dict) else {}
    made["model_info"] = info = {**info, "id": str(info.get("id") or f"entry-{index}")}
    provider = provider_of(params)
    mode = info.get("mode") or _known(params["model"], info.get("base_model")).get("mode")
    known = MockedEntry(
        index, str(made.get("model_name")), info["id"], params["model"], provider, mode, provider in AT_API_BASE
    )
    made["litellm_params"] = _params(params, known, f"{upstream}/d{index}")
    return made, known


def provider_of(params: Mapping[str, Any]) -> str:
    """The provider, as far as it can be told without LiteLLM."""
    stated = params.get("custom_llm_provider")
    if isinstance(stated, str):
        return stated
    head, slash, _ = params["model"].partition("/")
    if slash and head in known_keys.providers():
        return str(head)
    return str(_known(params["model"]).get("litellm_provider") or head)


def _known(model: str, base_model: object = None) -> Mapping[str, Any]:
    return find(price_map(), model, base_model if isinstance(base_model, str) else None) or {}


def _params(written: Mapping[str, Any], entry: MockedEntry, base: str) -> dict[str, Any]:
    params = {key: DUMMY if _is_secret(key, value) else value for key, value in copy.deepcopy(dict(written)).items()}
    if "mock_response" in written:
        return params
    if not entry.upstream:
        return {
            **params,
            "mock_response": [0.5] if entry.mode == "embedding" else f"mocked by modelctl: d{entry.index}",
        }
    gone = ("azure_ad_token", "tenant_id", "client_id", "client_secret", "base_url", "litellm_credential_name")
    params = {key: value for key, value in params.items() if key not in gone}
    base = base if entry.provider in WITHOUT_V1 else f"{base}/v1"
    made = {**params, "api_key": DUMMY, "api_base": base}
    return {**made, "api_version": "2025-04-01-preview"} if entry.provider == "azure" else made


def _is_secret(key: str, value: object) -> bool:
    return isinstance(value, str) and bool(_SECRET.search(key)) and not _PER_TOKEN.search(key)


def _credential(written: object) -> Any:
    if not isinstance(written, dict) or not isinstance(written.get("credential_values"), dict):
        return written
    return {**written, "credential_values": dict.fromkeys(written["credential_values"], DUMMY)}


# -- settings ----------------------------------------------------------------------------------


def _settings(name: str, written: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The settings to keep, and the keys of settings that would connect somewhere or run custom code."""
    outside = {"router_settings": _REDIS, "litellm_settings": _CALLBACKS, "general_settings": _OUTSIDE}[name]
    gone = [key for key in written if outside.search(key)]
    if name == "litellm_settings" and written.get("cache"):
        cache = section(written, "cache_params")
        if cache.get("type", "redis") not in _CACHES_OF_OURS:
            gone += [key for key in ("cache", "cache_params") if key in written]
    if name == "general_settings":
        gone = [key for key in gone if key != "master_key"]
    return {key: copy.deepcopy(value) for key, value in written.items() if key not in gone}, gone


# -- variables ---------------------------------------------------------------------------------


def _references(value: object) -> set[str]:
    if isinstance(value, str):
        return {value.removeprefix(PREFIX)} if value.startswith(PREFIX) else set()
    if isinstance(value, dict):
        return set().union(*(_references(item) for item in value.values()))
    if isinstance(value, list):
        return set().union(*(_references(item) for item in value))
    return set()


def _value(name: str, environ: Mapping[str, str]) -> str:
    """A variable that is named like a secret never leaves this process."""
    return DUMMY if _SECRET.search(name) else environ.get(name) or DUMMY
