"""What people write for something else: the key, and what they mean by it. Spelling would hint at the wrong key."""

from __future__ import annotations

import re
from collections.abc import Mapping

_SIDES = {
    **dict.fromkeys(("input", "prompt"), "input_cost_per_token"),
    **dict.fromkeys(("output", "completion"), "output_cost_per_token"),
    **dict.fromkeys(("cached", "cached_input", "cache_read", "input_cached"), "cache_read_input_token_cost"),
    **dict.fromkeys(("cache_write", "cache_creation"), "cache_creation_input_token_cost"),
}
_PRICE_WORDS = ("price", "cost", "token_price")
_PER = (
    "",
    "_per_million",
    "_per_million_tokens",
    "_per_1m",
    "_per_1m_tokens",
    "_per_mtok",
    "_per_1k",
    "_per_1k_tokens",
)
_PRICES = {
    "cached_input_cost_per_token": "cache_read_input_token_cost",
    "input_cost_per_token_cached": "cache_read_input_token_cost",
    "cache_input_cost_per_token": "cache_read_input_token_cost",
    "cached_cost_per_token": "cache_read_input_token_cost",
    "cache_write_cost_per_token": "cache_creation_input_token_cost",
    "cache_creation_cost_per_token": "cache_creation_input_token_cost",
    "cost_per_token": "input_cost_per_token and output_cost_per_token",
    **{
        f"{side}_{word}{per}": f"{theirs} (USD for one token)"
        for side, theirs in _SIDES.items() for word in _PRICE_WORDS for per in _PER
    },
}  # fmt: skip
_LIMITS = {
    **dict.fromkeys(
        (
            "context", "context_window", "context_length", "context_size", "context_tokens", "context_limit", "n_ctx",
            "num_ctx", "max_context", "max_context_length", "max_context_tokens", "max_context_window", "max_input",
            "max_prompt_tokens", "max_input_length", "input_limit",
        ),
        "model_info: {max_input_tokens: ...}",
    ),
    **dict.fromkeys(
        ("max_output", "max_output_length", "max_completion", "output_limit", "max_new_tokens"),
        "model_info: {max_output_tokens: ...}",
    ),
}  # fmt: skip
_ABILITIES = {
    "supports_function_calling": (
        "supports_tools", "supports_tool_calling", "supports_tool_calls", "supports_tool_use", "supports_functions",
        "function_calling", "tool_calling",
    ),
    "supports_vision": (
        "supports_images", "supports_image", "vision", "multimodal",
    ),
    "supports_response_schema": (
        "supports_json", "supports_json_mode", "supports_json_schema", "supports_json_output", "json_mode",
        "supports_structured_output", "supports_structured_outputs",
    ),
    "supports_reasoning": ("supports_thinking", "supports_extended_thinking", "is_reasoning"),
    "supports_prompt_caching": ("supports_caching", "supports_cache", "supports_prompt_cache"),
    "supports_pdf_input": ("supports_pdf", "supports_pdfs", "supports_documents"),
    "supports_audio_input": ("supports_audio", "supports_speech"),
}  # fmt: skip
_FLAGS = {name: f"model_info: {{{theirs}: true}}" for theirs, names in _ABILITIES.items() for name in names}
_HIDDEN = ("show_in_models", "hide_from_models", "visible", "hidden", "enabled", "disabled", "active", "description")
_ENTRY: Mapping[str, str | None] = {**_PRICES, **_LIMITS, **_FLAGS, **dict.fromkeys(_HIDDEN)}
_MEANT: Mapping[str, Mapping[str, str | None]] = {
    "litellm_params": {**_ENTRY, "retries": "num_retries", "timeout_seconds": "timeout", "base": "api_base",
                       "url": "api_base",
                       "endpoint": "api_base", "key": "api_key", "token": "api_key", "provider": "custom_llm_provider"},
    "model_info": _ENTRY,
    "model_list": _ENTRY,
    "cache_params": {"redis_url": "url", "redis_host": "host", "redis_port": "port", "redis_password": "password",
                     "expiry": "ttl", "expiration": "ttl"},
    "router_settings": {"retries": "num_retries", "aliases": "model_group_alias", "timeout_seconds": "timeout",
                        **dict.fromkeys(("strategy", "routing", "load_balancing", "load_balancing_strategy",
                                         "balancing"), "routing_strategy"),
                        "cooldown": "cooldown_time", "cooldown_seconds": "cooldown_time", "max_fails": "allowed_fails"},
    "litellm_settings": {"retries": "num_retries", "timeout_seconds": "request_timeout",
                         "log_level": None, "debug": "set_verbose"},
    "general_settings": {"api_key": "master_key", "admin_key": "master_key", "db_url": "database_url",
                         "database": "database_url", "alerts": "alerting", **dict.fromkeys(("host", "port"))},
}  # fmt: skip


def is_listed(section: str, key: str) -> bool:
    return _plain(key) in _MEANT.get(section, {})


def meant(section: str, key: str) -> str | None:
    """What to write in its place; None where nothing of LiteLLM's does that."""
    return _MEANT[section][_plain(key)]


def _plain(key: str) -> str:
    """As LiteLLM writes keys: `contextWindow` and `context-window` are `context_window`."""
    return _HUMP.sub("_", key).replace("-", "_").lower()


_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
