"""What LiteLLM's loader takes for single settings: anything else ends its start. Tried, setting by setting."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from modelctl.litellm_spec import value_shapes


def is_budget(value: object) -> bool:
    return isinstance(value, Mapping) and (
        value.get("max_budget") is None or value_shapes.is_number(value["max_budget"])
    )


def is_pattern(value: object) -> bool:
    with suppress(re.error, TypeError):
        return isinstance(value, str) and bool(re.compile(value))
    return False


def is_time_of_day(value: Any) -> bool:
    for form in ("%H:%M", "%H:%M:%S"):
        with suppress(ValueError, TypeError):
            return bool(datetime.strptime(value, form))
    return isinstance(value, str) and not value


def are_access_windows(value: object) -> bool:
    keys = {"start", "end", "timezone", "team_ids"}
    each = value if isinstance(value, list) else [None]
    return all(
        isinstance(one, Mapping)
        and one.keys() == keys
        and _is_time_or_seconds(one["start"])
        and _is_time_or_seconds(one["end"])
        and one["start"] != one["end"]
        and value_shapes.is_text(one["timezone"])
        and value_shapes.is_texts(one["team_ids"])
        and all(one["team_ids"])
        and bool(one["team_ids"])
        for one in each
    )


def _is_time_or_seconds(value: object) -> bool:
    """As pydantic reads a time of day: a text, or the seconds that YAML makes of 09:00 without quotes."""
    return isinstance(value, int | float) or (isinstance(value, str) and bool(value) and is_time_of_day(value))


def is_function(value: object) -> bool:
    return isinstance(value, str) and "." in value


def _is_positive(value: Any) -> bool:
    return value_shapes.is_count(value) and not isinstance(value, bool) and float(value) > 0


_is_provider = value_shapes.mapping(
    {"custom_handler": value_shapes.Shape("a Python object", is_function)}, ("custom_handler",)
)


def _is_providers(value: object) -> bool:
    return isinstance(value, list) and all(_is_provider(item) and "provider" in item for item in value)


def _is_callbacks(value: object) -> bool:
    return value_shapes.is_text(value) or value_shapes.is_texts(value)


def _is_old_guardrail(value: object) -> bool:
    return isinstance(value, Mapping) and value_shapes.is_texts(value.get("callbacks"))


def _is_old_guardrails(value: object) -> bool:
    return isinstance(value, list) and all(
        isinstance(item, Mapping) and all(map(_is_old_guardrail, item.values())) for item in value
    )


def _is_metadata(value: object) -> bool:
    given = [value.get(key) for key in ("include", "exclude")] if isinstance(value, Mapping) else []
    return sum(item is not None for item in given) == 1 and all(
        item is None or value_shapes.is_texts(item) for item in given
    )


def _is_forwarding(value: object) -> bool:
    if not isinstance(value, Mapping):
        return False
    names = value.get("forward_client_headers_to_llm_api")
    return names is None or value_shapes.is_texts(names)


def _is_assistants(value: object) -> bool:
    return isinstance(value, Mapping) and isinstance(value.get("litellm_params"), Mapping)


def _is_environment(value: object) -> bool:
    return isinstance(value, Mapping) and not any("=" in str(key) or "\0" in str(key) or key == "" for key in value)


def _is_list(value: object) -> bool:
    return isinstance(value, list)


IDENTITIES = ("api_key_alias", "user_email", "both")
Taken = tuple[str, Callable[[Any], bool], str | None]
TAKEN: Mapping[tuple[str, ...], Taken] = {
    ("litellm_settings", "key_alias_pattern"): ("a regular expression", is_pattern, None),
    ("litellm_settings", "budget_reset_time"): ("a time of day in quotes", is_time_of_day, '"12:00"'),
    ("litellm_settings", "audit_log_callbacks"): ("a list", _is_callbacks, "[s3_v2]"),
    ("litellm_settings", "success_callback"): ("a list", _is_callbacks, "[langfuse]"),
    ("litellm_settings", "failure_callback"): ("a list", _is_callbacks, "[langfuse]"),
    ("litellm_settings", "callbacks"): ("a list", _is_callbacks, "[langfuse]"),
    ("litellm_settings", "guardrails"): (
        "the old form, a list of `NAME: {callbacks: [...]}`",
        _is_old_guardrails,
        "the new form stands at the top level: `guardrails: [{guardrail_name: NAME, litellm_params: {...}}]`",
    ),
    ("litellm_settings", "post_call_rules"): ("a Python function", is_function, "MODULE.FUNCTION"),
    ("litellm_settings", "responses"): (
        "a mapping",
        value_shapes.mapping({"background_mode": value_shapes.MAPPING}),
        "{background_mode: {polling_via_cache: all}}",
    ),
    ("litellm_settings", "priority_reservation_settings"): (
        "a mapping of numbers",
        value_shapes.mapping(dict.fromkeys(("default_priority", "saturation_threshold"), value_shapes.NUMBER)),
        "{default_priority: 0.5}",
    ),
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
    ("general_settings", "database_url"): ("text", value_shapes.is_text, "os.environ/DATABASE_URL"),
    ("general_settings", "user_api_key_cache_max_size"): ("a whole number above zero", _is_positive, None),
    ("general_settings", "vector_store_deny_by_default"): ("true or false", value_shapes.is_boolean, None),
    ("general_settings", "search_tool_deny_by_default"): ("true or false", value_shapes.is_boolean, None),
    ("general_settings", "background_health_check_model_groups"): (
        "a list of models",
        value_shapes.is_texts,
        "[MODEL]",
    ),
    ("general_settings", "spend_logs_metadata_fields"): (
        "either `include` or `exclude`",
        _is_metadata,
        "{exclude: [NAME]}",
    ),
    ("environment_variables",): ("a mapping", _is_environment, "NAME: VALUE"),
    ("finetune_settings",): ("a list", _is_list, "- {custom_llm_provider: openai, api_key: os.environ/OPENAI_API_KEY}"),
    ("files_settings",): ("a list", _is_list, "- {custom_llm_provider: openai, api_key: os.environ/OPENAI_API_KEY}"),
    ("assistant_settings",): (
        "a mapping with `litellm_params`",
        _is_assistants,
        "{custom_llm_provider: openai, litellm_params: {api_key: os.environ/OPENAI_API_KEY}}",
    ),
    ("default_vertex_config",): (
        "a mapping of texts",
        value_shapes.mapping(
            dict.fromkeys(("vertex_project", "vertex_location", "vertex_credentials"), value_shapes.TEXT)
        ),
        "{vertex_project: NAME, vertex_location: PLACE}",
    ),
}
"""Where it stands: what it takes, whether a value is such, and what to write instead. Only of settings of which
`litellm_start.json`, which is made by trying, does not say it all."""

UPPERBOUND = {
    "max_budget": "a number", "max_parallel_requests": "a whole number", "tpm_limit": "a whole number",
    "rpm_limit": "a whole number", "budget_duration": "text", "duration": "text",
}  # fmt: skip
"""The keys of `upperbound_key_generate_params`, and what they take."""

NEVER_EMPTY = frozenset(
    {
        "max_budget", "max_internal_user_budget", "default_max_internal_user_budget", "post_call_rules", "responses",
        "priority_reservation_settings", "model_group_settings", "custom_provider_map", "audit_log_callbacks",
        "success_callback", "failure_callback", "callbacks", "guardrails", "default_team_settings",
        "upperbound_key_generate_params", "prometheus_deployment_and_latency_caller_identity",
    }
)  # fmt: skip
"""Where null is as bad as another kind."""
