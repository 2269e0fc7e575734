"""Which settings go live in a running worker, and which wait for a restart: one table for both sides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from modelctl.litellm_spec.config import ALIASES, DEFAULT_FALLBACKS, FALLBACK_KINDS

# router_settings key -> the Router's attributes that it decides.
HOT_ROUTER: dict[str, tuple[str, ...]] = {
    "allowed_fails": ("allowed_fails",),
    "allowed_fails_policy": ("allowed_fails_policy",),
    "cooldown_time": ("cooldown_time", "cooldown_cache.default_cooldown_time"),
    "enable_pre_call_checks": ("enable_pre_call_checks",),
    "enable_tag_filtering": ("enable_tag_filtering",),
    "max_fallbacks": ("max_fallbacks",),
    "model_group_retry_policy": ("model_group_retry_policy",),
    "num_retries": ("num_retries",),
    "retry_after": ("retry_after",),
    "retry_policy": ("retry_policy",),
    "stream_timeout": ("stream_timeout",),
    "tag_filtering_match_any": ("tag_filtering_match_any",),
    "timeout": ("timeout", "_explicit_timeout", "request_timeout"),
}
TAGS = ("enable_tag_filtering", "tag_filtering_match_any")  # which deployment a request may get
# router_settings that the hook makes live by other means.
CHAINS = (*FALLBACK_KINDS, DEFAULT_FALLBACKS)
ELSEWHERE = (*CHAINS, ALIASES[1])
# litellm_settings that LiteLLM reads on every call, so that setting the module's attribute is enough.
HOT_LITELLM = ("drop_params", "modify_params", "turn_off_message_logging", *CHAINS)
# Whole sections that the hook makes live together with the entries that need them.
HOT_SECTIONS = ("credential_list", "environment_variables")
# Variables that LiteLLM looks up with each request; what else reads one may have done so at the start.
READ_PER_REQUEST = ("_API_KEY", "_API_BASE", "_BASE_URL")


def flat(settings: Mapping[str, Any]) -> dict[str, Any]:
    """`section.key` -> value, for the sections that are mappings; `section` -> value for the others."""
    found: dict[str, Any] = {}
    for name, value in settings.items():
        if isinstance(value, Mapping):
            found.update((f"{name}.{key}", item) for key, item in value.items())
        elif value is not None:
            found[name] = value
    return found


def is_hot(key: str) -> bool:
    """Whether a change of `section.key` reaches traffic without a restart."""
    part, _, name = key.partition(".")
    if part == "environment_variables":
        return name.endswith(READ_PER_REQUEST)
    return (
        part == "credential_list"
        or (part == "router_settings" and (name in HOT_ROUTER or name in ELSEWHERE))
        or (part == "litellm_settings" and name in HOT_LITELLM)
    )


def restart_needed(booted: Mapping[str, Any], wanted: Mapping[str, Any]) -> list[str]:
    """`section.key` of each setting that differs and cannot go live."""
    before, after = flat(booted), flat(wanted)
    changed = (key for key in before.keys() | after.keys() if before.get(key) != after.get(key))
    return sorted(key for key in changed if not is_hot(key))
