"""A setting on which LiteLLM does not start.

LiteLLM's loader raises for some values and some places, with a message that does not name the line: health checks under
`router_settings`, a text where it wants a number for a budget, `default_team_settings` without `team_id`, wrong types
in `upperbound_key_generate_params`, a hook of your own that is no `module.function`, a `budget_reset_time` without
quotes (YAML makes a number of 12:00), `files_settings` that are no list, a `max_agentic_loops` below one.

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
from modelctl.rules.refused_values import NEVER_EMPTY, TAKEN, is_budget, is_put_off
from modelctl.rules.subject import Found, Spot, Subject

SEVERITY = "error"
_ENDS = "LiteLLM does not start"
_UPPERBOUND = {
    "max_budget": "a number", "max_parallel_requests": "a whole number", "tpm_limit": "a whole number",
    "rpm_limit": "a whole number", "budget_duration": "text", "duration": "text",
}  # fmt: skip
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
    yield from _values(subject)
    yield from _endpoints(subject)
    for key in _FUNCTIONS:
        value = subject.section("general_settings").get(key)
        if isinstance(value, str) and "." not in value and not lookup.is_put_off(value):
            text = f"`{key}` is no Python function: {_ENDS}"
            yield Found(text, subject.at("general_settings", key, value=True), f"{key}: MODULE.{value or 'FUNCTION'}")


def entries(subject: Subject) -> Iterator[Found]:
    for entry in subject.entries:
        loops = entry.params.get("max_agentic_loops")
        if loops is not None and not (_fits("a whole number", loops) and not isinstance(loops, bool)):
            text = f"`max_agentic_loops` takes a whole number: {_ENDS}"
            yield Found(text, entry.at("litellm_params", "max_agentic_loops", value=True))
        elif isinstance(loops, int) and loops < 1:
            text = f"`max_agentic_loops` is at least 1: {_ENDS}"
            yield Found(text, entry.at("litellm_params", "max_agentic_loops", value=True))


def _values(subject: Subject) -> Iterator[Found]:
    for path, (kind, fits, hint) in TAKEN.items():
        inside: Mapping[str, Any] = subject.section(path[0]) if len(path) > 1 else subject.sections
        value = inside.get(path[-1])
        if value is None and (path[-1] not in inside or path[-1] not in NEVER_EMPTY):
            continue
        if not is_put_off(value) and not fits(value):
            yield Found(f"`{path[-1]}` takes {kind}: {_ENDS}", subject.at(*path, value=True), hint)
    params = subject.section("litellm_settings").get("default_internal_user_params")
    if isinstance(params, Mapping) and not is_budget(params) and not is_put_off(params["max_budget"]):
        spot = subject.at("litellm_settings", "default_internal_user_params", "max_budget", value=True)
        yield Found(f"`max_budget` takes a number: {_ENDS}", spot)


def _endpoints(subject: Subject) -> Iterator[Found]:
    written = subject.section("general_settings").get("pass_through_endpoints")
    if not written or is_put_off(written):
        return
    spot, hint = subject.at("general_settings", "pass_through_endpoints"), "{path: /PATH, target: URL}"
    if not isinstance(written, list):
        yield Found("`pass_through_endpoints` takes a list: LiteLLM starts without them", spot, f"- {hint}")
    for index, each in enumerate(written if isinstance(written, list) else ()):
        if not isinstance(each, Mapping) or not each.get("path"):
            yield Found(f"a pass-through endpoint has a `path`: {_ENDS}", spot.inside(index), hint)
        elif not each.get("target"):
            yield Found("an endpoint without `target`: LiteLLM starts without it", spot.inside(index), hint)


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
