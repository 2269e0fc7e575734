"""A setting on which LiteLLM does not start.

LiteLLM's loader raises for some values and some places, with a message that does not name the line: health checks under
`router_settings`, a text where it wants a number for a budget, `default_team_settings` without `team_id`, wrong types
in `upperbound_key_generate_params`, a hook of your own that is no `module.function`.

Before:

    router_settings:
      health_check_interval: 300

After:

    general_settings:
      health_check_interval: 300
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from modelctl.rules import lookup
from modelctl.rules.subject import Found, Spot, Subject

SEVERITY = "error"
_ENDS = "LiteLLM does not start"
_UPPERBOUND = {
    "max_budget": "a number", "max_parallel_requests": "a whole number", "tpm_limit": "a whole number",
    "rpm_limit": "a whole number", "budget_duration": "text", "duration": "text",
}  # fmt: skip
_BUDGETS = ("max_budget", "max_internal_user_budget", "default_max_internal_user_budget")
_FUNCTIONS = (
    "custom_auth", "custom_key_generate", "custom_key_update", "custom_key_policy", "custom_sso",
    "custom_team_metadata_validate", "custom_ui_sso_sign_in_handler",
)  # fmt: skip


def whole(subject: Subject) -> Iterator[Found]:
    for key in ("health_check_interval", "health_check_concurrency"):
        if key in subject.section("router_settings"):
            yield Found(f"`{key}` belongs in `general_settings`: {_ENDS}", subject.at("router_settings", key))
    settings = subject.section("litellm_settings")
    for key, check in _CHECKS.items():
        if settings.get(key) is not None:
            yield from check(settings[key], subject.at("litellm_settings", key))
    for key in _BUDGETS:
        if key in settings and not _fits("a number", settings[key]):
            yield Found(f"`{key}` takes a number: {_ENDS}", subject.at("litellm_settings", key, value=True))
    for key in _FUNCTIONS:
        value = subject.section("general_settings").get(key)
        if isinstance(value, str) and "." not in value and not lookup.is_put_off(value):
            text = f"`{key}` is no Python function: {_ENDS}"
            yield Found(text, subject.at("general_settings", key, value=True), f"{key}: MODULE.{value or 'FUNCTION'}")


def _teams(value: Any, spot: Spot) -> Iterator[Found]:
    for index, each in enumerate(value if isinstance(value, list) else [value]):
        if not isinstance(each, Mapping) or not isinstance(each.get("team_id"), str):
            where = spot.inside(index) if isinstance(value, list) else spot
            yield Found(f"an entry of `default_team_settings` has a text `team_id`: {_ENDS}", where, "team_id: NAME")


def _upperbound(value: Any, spot: Spot) -> Iterator[Found]:
    if not isinstance(value, Mapping):
        yield Found(f"`upperbound_key_generate_params` takes a mapping: {_ENDS}", spot, "{max_budget: 100}")
        return
    for key, kind in _UPPERBOUND.items():
        if key in value and value[key] is not None and not _fits(kind, value[key]):
            yield Found(f"`{key}` takes {kind}: {_ENDS}", spot.inside(key, value=True))


def _callbacks(value: Any, spot: Spot) -> Iterator[Found]:
    if not isinstance(value, list | str):
        yield Found(f"`{spot.path[-1]}` takes a list: {_ENDS}", spot, "[langfuse]")


_CHECKS: Mapping[str, Callable[[Any, Spot], Iterator[Found]]] = {
    "default_team_settings": _teams,
    "upperbound_key_generate_params": _upperbound,
    "success_callback": _callbacks,
    "failure_callback": _callbacks,
}


def _fits(kind: str, value: Any) -> bool:
    """As pydantic and `float()` take it: digits in a text are a number."""
    if isinstance(value, str) and lookup.is_put_off(value):
        return True
    if kind == "text":
        return isinstance(value, str)
    try:
        number = float(value)
    except (TypeError, ValueError):
        return False
    return kind == "a number" or number.is_integer()
