"""What people write for something else: the key, and what they mean by it. Spelling would hint at the wrong key."""

from __future__ import annotations

from collections.abc import Mapping

_PRICES = {
    "cached_input_cost_per_token": "cache_read_input_token_cost",
    "input_cost_per_token_cached": "cache_read_input_token_cost",
    "cache_input_cost_per_token": "cache_read_input_token_cost",
    "cached_cost_per_token": "cache_read_input_token_cost",
    "cache_write_cost_per_token": "cache_creation_input_token_cost",
    "cache_creation_cost_per_token": "cache_creation_input_token_cost",
    "cost_per_token": "input_cost_per_token and output_cost_per_token",
    "input_price": "input_cost_per_token (USD for one token)",
    "output_price": "output_cost_per_token (USD for one token)",
}
_LIMITS = dict.fromkeys(
    ("context_window", "context_length", "context_size", "max_context", "max_context_length", "n_ctx", "num_ctx"),
    "model_info: {max_input_tokens: ...}",
)
_FLAGS = {
    "supports_tools": "model_info: {supports_function_calling: true}",
    "supports_images": "model_info: {supports_vision: true}",
    "supports_json": "model_info: {supports_response_schema: true}",
    "supports_structured_output": "model_info: {supports_response_schema: true}",
    "supports_thinking": "model_info: {supports_reasoning: true}",
    "is_reasoning": "model_info: {supports_reasoning: true}",
}
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
    "router_settings": {"retries": "num_retries", "strategy": "routing_strategy", "aliases": "model_group_alias"},
    "litellm_settings": {"retries": "num_retries", "log_level": None, "debug": "set_verbose"},
    "general_settings": {"api_key": "master_key", "admin_key": "master_key", "db_url": "database_url", "port": None},
}  # fmt: skip


def is_listed(section: str, key: str) -> bool:
    return key in _MEANT.get(section, {})


def meant(section: str, key: str) -> str | None:
    """What to write in its place; None where nothing of LiteLLM's does that."""
    return _MEANT[section][key]
