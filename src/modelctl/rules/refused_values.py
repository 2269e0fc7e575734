"""What LiteLLM's loader takes for single settings: anything else ends its start. Beside `refused_setting`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from modelctl.rules import listed, lookup


def is_number(value: Any) -> bool:
    """As `float()` takes it."""
    try:
        float(value)
    except (TypeError, ValueError):
        return False
    return True


def is_budget(value: Any) -> bool:
    return isinstance(value, Mapping) and (value.get("max_budget") is None or is_number(value["max_budget"]))


def is_pattern(value: Any) -> bool:
    with suppress(re.error, TypeError):
        return isinstance(value, str) and bool(re.compile(value))
    return False


def is_time_of_day(value: Any) -> bool:
    for form in ("%H:%M", "%H:%M:%S"):
        with suppress(ValueError, TypeError):
            return bool(datetime.strptime(value, form))
    return isinstance(value, str) and not value


def is_function(value: Any) -> bool:
    return isinstance(value, str) and "." in value


def _is_positive(value: Any) -> bool:
    return listed.is_count(value) and not isinstance(value, bool) and float(value) > 0


def _is_providers(value: Any) -> bool:
    needed = {"provider", "custom_handler"}
    return isinstance(value, list) and all(isinstance(each, Mapping) and needed <= each.keys() for each in value)


def _is_metadata(value: Any) -> bool:
    given = [value.get(key) for key in ("include", "exclude")] if isinstance(value, Mapping) else []
    return sum(each is not None for each in given) == 1 and all(each is None or listed.is_texts(each) for each in given)


def _is_forwarding(value: Any) -> bool:
    if not isinstance(value, Mapping):
        return False
    names = value.get("forward_client_headers_to_llm_api")
    return names is None or listed.is_texts(names)


def _is_assistants(value: Any) -> bool:
    return isinstance(value, Mapping) and isinstance(value.get("litellm_params"), Mapping)


def _is_mapping(value: Any) -> bool:
    return isinstance(value, Mapping)


def _is_list(value: Any) -> bool:
    return isinstance(value, list)


IDENTITIES = ("api_key_alias", "user_email", "both")
Taken = tuple[str, Callable[[Any], bool], str | None]
TAKEN: Mapping[tuple[str, ...], Taken] = {
    ("litellm_settings", "max_budget"): ("a number", is_number, None),
    ("litellm_settings", "max_internal_user_budget"): ("a number", is_number, None),
    ("litellm_settings", "default_max_internal_user_budget"): ("a number", is_number, None),
    ("litellm_settings", "max_ui_session_budget"): ("a number", is_number, None),
    ("litellm_settings", "key_alias_pattern"): ("a regular expression", is_pattern, None),
    ("litellm_settings", "budget_reset_time"): ("a time of day in quotes", is_time_of_day, '"12:00"'),
    ("litellm_settings", "post_call_rules"): ("a Python function", is_function, "MODULE.FUNCTION"),
    ("litellm_settings", "responses"): ("a mapping", _is_mapping, "{background_mode: {polling_via_cache: all}}"),
    ("litellm_settings", "priority_reservation_settings"): ("a mapping", _is_mapping, "{default_priority: 0.5}"),
    ("litellm_settings", "model_group_settings"): (
        "lists of models",
        _is_forwarding,
        "{forward_client_headers_to_llm_api: [MODEL]}",
    ),
    ("litellm_settings", "custom_provider_map"): (
        "a list of providers",
        _is_providers,
        "- {provider: NAME, custom_handler: MODULE.HANDLER}",
    ),
    ("litellm_settings", "prometheus_deployment_and_latency_caller_identity"): (
        f"one of {', '.join(IDENTITIES)}",
        lambda value: value in IDENTITIES,
        None,
    ),
    ("general_settings", "master_key"): ("text", listed.is_text, "os.environ/LITELLM_MASTER_KEY"),
    ("general_settings", "database_url"): ("text", listed.is_text, "os.environ/DATABASE_URL"),
    ("general_settings", "user_api_key_cache_ttl"): ("a number of seconds", is_number, None),
    ("general_settings", "user_api_key_cache_max_size"): ("a whole number above zero", _is_positive, None),
    ("general_settings", "background_health_check_model_groups"): ("a list of models", listed.is_texts, "[MODEL]"),
    ("general_settings", "spend_logs_metadata_fields"): (
        "either `include` or `exclude`",
        _is_metadata,
        "{exclude: [NAME]}",
    ),
    ("finetune_settings",): ("a list", _is_list, "- {custom_llm_provider: openai, api_key: os.environ/OPENAI_API_KEY}"),
    ("files_settings",): ("a list", _is_list, "- {custom_llm_provider: openai, api_key: os.environ/OPENAI_API_KEY}"),
    ("assistant_settings",): (
        "a mapping with `litellm_params`",
        _is_assistants,
        "{custom_llm_provider: openai, litellm_params: {api_key: os.environ/OPENAI_API_KEY}}",
    ),
    ("default_vertex_config",): ("a mapping", _is_mapping, "{vertex_project: NAME, vertex_location: PLACE}"),
}
"""Where it stands: what it takes, whether a value is such, and what to write instead."""

NEVER_EMPTY = frozenset(
    {
        "max_budget", "max_internal_user_budget", "default_max_internal_user_budget", "post_call_rules", "responses",
        "priority_reservation_settings", "model_group_settings", "custom_provider_map",
    }
)  # fmt: skip
"""Where null is as bad as another kind."""


def is_put_off(value: Any) -> bool:
    return isinstance(value, str) and lookup.is_put_off(value)
