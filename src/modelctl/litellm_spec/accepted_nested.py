"""Settings with parts: what LiteLLM's loader takes for them; anything else ends its start."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from modelctl.litellm_spec import known_keys, value_shapes
from modelctl.litellm_spec.accepted_values import Taken, is_function
from modelctl.litellm_spec.value_shapes import BOOLEAN, COUNT, MAPPING, NUMBER, TEXT, TEXTS, listing, mapping, one_of

ROLES = ("proxy_admin", "team", "internal_user")
_PROTOCOLS = ("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28")
_ADDRESSES = ("host", "url", "startup_nodes", "sentinel_nodes")
_REDIS = mapping(
    {
        **dict.fromkeys(("host", "password", "username", "url", "sentinel_password", "service_name"), TEXT),
        "port": COUNT,
        "ssl": BOOLEAN,
        "startup_nodes": value_shapes.MAPPINGS,
        "sentinel_nodes": value_shapes.Shape("a list of pairs", listing(lambda each: isinstance(each, list))),
    }
)
_ALERTING = mapping(
    {
        **dict.fromkeys(
            (
                "daily_report_frequency", "report_check_interval", "budget_alert_ttl", "outage_alert_ttl",
                "region_outage_alert_ttl", "minor_outage_alert_threshold", "major_outage_alert_threshold",
                "max_outage_alert_list_size", "spend_anomaly_baseline_days",
            ),
            COUNT,
        ),
        **dict.fromkeys(
            ("daily_spend_per_user_threshold", "monthly_spend_per_user_threshold", "spend_anomaly_multiplier"), NUMBER
        ),
        "log_to_console": BOOLEAN,
    }
)  # fmt: skip


def _is_redis(value: Any) -> bool:
    return _REDIS(value) and any(value.get(key) is not None for key in _ADDRESSES)


def _is_team_schema(value: Any) -> bool:
    fits = listing(mapping({"key": value_shapes.FILLED_TEXT, "label": TEXT}, ("key",), closed=True))(value)
    return fits and len({item["key"] for item in value}) == len(value)


def _is_advertised(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(item in _PROTOCOLS for item in value)


def _is_budgets(value: object) -> bool:
    budget = mapping({"budget_limit": NUMBER, "max_budget": NUMBER, "time_period": TEXT, "budget_duration": TEXT})
    return isinstance(value, Mapping) and all(budget(item) for item in value.values())


def _is_strategy(value: object) -> bool:
    return value == "priority" or (isinstance(value, str) and value in known_keys.values("routing_strategy"))


_STRATEGY = value_shapes.Shape("a routing strategy", _is_strategy)
_GROUP = {"group_name": TEXT, "models": TEXTS, "routing_strategy": _STRATEGY, "routing_strategy_args": MAPPING}
_GENERAL: Mapping[str, Taken] = {
    "plugins": (
        "a list of plugins with `name` and `url`",
        lambda value: not isinstance(value, list)
        or listing(mapping({"name": TEXT, "url": TEXT, "plugin_key": TEXT}, ("name", "url")))(value),
        "- {name: NAME, url: URL}",
    ),
    "role_permissions": (
        f"a list; each has a `role` ({', '.join(ROLES)}) and lists of `models` and `routes`",
        listing(mapping({"role": one_of(ROLES), "models": TEXTS, "routes": TEXTS}, ("role",), closed=True)),
        "- {role: team, models: [MODEL], routes: [ROUTE]}",
    ),
    "team_metadata_schema": (
        "a list; each has a `key` of its own, and a `label` if need be",
        _is_team_schema,
        "- {key: NAME, label: TEXT}",
    ),
    "mcp_advertised_versions": (f"a list of {', '.join(_PROTOCOLS)}", _is_advertised, f'["{_PROTOCOLS[-2]}"]'),
    "coordination_redis": (
        f"the connection to a Redis: one of {', '.join(_ADDRESSES)}",
        _is_redis,
        "{host: os.environ/REDIS_HOST, port: 6379}",
    ),
    "alerting": ("a list", lambda value: isinstance(value, list | str), "[slack]"),
    "search_tools": ("a list of mappings", value_shapes.MAPPINGS.fits, None),
    **dict.fromkeys(
        (
            "custom_auth", "custom_key_generate", "custom_key_update", "custom_key_policy", "custom_sso",
            "custom_team_metadata_validate", "custom_ui_sso_sign_in_handler",
        ),
        ("a Python function", is_function, "MODULE.FUNCTION"),
    ),
}  # fmt: skip
_WITH_ALERTING: Mapping[str, Taken] = {
    "alerting_args": ("a mapping of numbers", _ALERTING, "{daily_report_frequency: 43200}"),
    "alert_to_webhook_url": ("a mapping", MAPPING.fits, "{budget_alerts: URL}"),
}
_ROUTER: Mapping[str, Taken] = {
    "routing_strategy_args": ("a mapping", mapping({"ttl": NUMBER, "lowest_latency_buffer": NUMBER}), "{ttl: 60}"),
    "redis_url": ("text", lambda value: isinstance(value, str), "os.environ/REDIS_URL"),
    "provider_budget_config": (
        "a mapping of providers to budgets",
        _is_budgets,
        "{openai: {budget_limit: 100, time_period: 1d}}",
    ),
    "routing_groups": (
        "a list; each has a `group_name`, a list of `models` and a `routing_strategy`",
        lambda value: (
            not isinstance(value, list) or listing(mapping(_GROUP, ("group_name", "models", "routing_strategy")))(value)
        ),
        "- {group_name: NAME, models: [MODEL], routing_strategy: latency-based-routing}",
    ),
}


def nested(general: Mapping[str, Any]) -> dict[tuple[str, ...], Taken]:
    """What counts for this config: some settings are only looked at beside others."""
    of_general = {**_GENERAL, **(_WITH_ALERTING if general.get("alerting") is not None else {})}
    return {
        **{("general_settings", key): taken for key, taken in of_general.items()},
        **{("router_settings", key): taken for key, taken in _ROUTER.items()},
    }
