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

from modelctl.check.found import Found, Spot
from modelctl.check.subject import Subject
from modelctl.litellm_spec import known_keys
from modelctl.litellm_spec.accepted_nested import nested
from modelctl.litellm_spec.accepted_values import (
    NEVER_EMPTY,
    TAKEN,
    UPPERBOUND,
    are_access_windows,
    is_budget,
)
from modelctl.litellm_spec.value_kinds import exact, fits, names
from modelctl.litellm_spec.value_shapes import is_count, is_number, is_put_off, is_text

SEVERITY = "error"
_ENDS = "LiteLLM does not start"


def whole(subject: Subject) -> Iterator[Found]:
    for key in ("health_check_interval", "health_check_concurrency"):
        if key in subject.section("router_settings"):
            yield Found(f"`{key}` belongs in `general_settings`: {_ENDS}", subject.at("router_settings", key))
    settings = subject.section("litellm_settings")
    for key, check in _CHECKS.items():
        if key in settings:
            yield from check(settings[key], subject.at("litellm_settings", key))
    yield from _values(subject)
    yield from _kinds(subject)
    yield from _policies(subject)
    yield from _endpoints(subject)
    if subject.section("router_settings").get("alerting_config") is not None:
        text = f"the Router takes no `alerting_config` from a file: {_ENDS}"
        yield Found(text, subject.at("router_settings", "alerting_config"), "general_settings: {alerting: [slack]}")


def entries(subject: Subject) -> Iterator[Found]:
    for entry in subject.entries:
        loops = entry.params.get("max_agentic_loops")
        if loops is not None and not (_fits("a whole number", loops) and not isinstance(loops, bool)):
            text = f"`max_agentic_loops` takes a whole number: {_ENDS}"
            yield Found(text, entry.at("litellm_params", "max_agentic_loops", value=True))
        elif isinstance(loops, int) and loops < 1:
            text = f"`max_agentic_loops` is at least 1: {_ENDS}"
            yield Found(text, entry.at("litellm_params", "max_agentic_loops", value=True))
        windows = entry.info.get("access_windows")
        if windows is not None and not are_access_windows(windows):
            text = f"`access_windows` takes a list of times with their zone and teams: {_ENDS}"
            hint = '- {start: "09:00", end: "17:00", timezone: Europe/Berlin, team_ids: [TEAM]}'
            yield Found(text, entry.at("model_info", "access_windows", value=True), hint)


def _values(subject: Subject) -> Iterator[Found]:
    for path, (kind, is_such, hint) in {**TAKEN, **nested(subject.section("general_settings"))}.items():
        inside: Mapping[str, Any] = subject.section(path[0]) if len(path) > 1 else subject.sections
        value = inside.get(path[-1])
        if value is None and (path[-1] not in inside or path[-1] not in NEVER_EMPTY):
            continue
        if subject.kind == "catalog" and path[-1] == "callbacks":  # a render makes a list of it
            continue
        if value is None or (not is_put_off(value) and not is_such(value)):
            yield Found(f"`{path[-1]}` takes {kind}: {_ENDS}", subject.at(*path, value=True), hint)
    params = subject.section("litellm_settings").get("default_internal_user_params")
    if isinstance(params, Mapping) and not is_budget(params) and not is_put_off(params["max_budget"]):
        spot = subject.at("litellm_settings", "default_internal_user_params", "max_budget", value=True)
        yield Found(f"`max_budget` takes a number: {_ENDS}", spot)


def _kinds(subject: Subject) -> Iterator[Found]:
    """What was tried on LiteLLM's loader, setting by setting; it looks at little that is empty."""
    for path in ((), ("general_settings",), ("litellm_settings",), ("router_settings",), _CACHE):
        written = subject.sections
        for step in path:
            found = written.get(step)
            written = found if isinstance(found, Mapping) else {}
        kinds = known_keys.at_start(path[-1] if path else "")
        for key in written.keys() & kinds.keys() - _OTHERS:
            value = written[key]
            looked_at = value or (key in NEVER_EMPTY and value in (None, ""))
            if looked_at and not is_put_off(value) and exact(value) not in kinds[key] and (*path, key) not in TAKEN:
                shown = kinds[key] - {"bool", "int"} if "float" in kinds[key] else kinds[key]
                yield Found(f"`{key}` takes {names(shown)}: {_ENDS}", subject.at(*path, key, value=True))


_CACHE = ("litellm_settings", "cache_params")
# Other checks look at these.
_OTHERS = frozenset(
    {
        "model_group_alias", "fallbacks", "content_policy_fallbacks", "agent_list", "agents", "credential_list",
        "guardrails", "mcp_servers", "mcp_tools", "policies", "prompts", "vector_store_registry", "general_settings",
        "litellm_settings", "alerting_config", "default_team_settings", "failure_callback", "success_callback",
    }
)  # fmt: skip


def _policies(subject: Subject) -> Iterator[Found]:
    for policy in ("retry_policy", "allowed_fails_policy"):
        counts = subject.section("router_settings").get(policy)
        for key, count in counts.items() if isinstance(counts, Mapping) else ():
            kinds = known_keys.type_of(policy, str(key))
            if kinds and count is not None and not is_put_off(count) and not any(fits(kind, count) for kind in kinds):
                spot = subject.at("router_settings", policy, key, value=True)
                yield Found(f"`{key}` takes {names(kinds)}: {_ENDS}", spot)


def _endpoints(subject: Subject) -> Iterator[Found]:
    written = subject.section("general_settings").get("pass_through_endpoints")
    if not written or is_put_off(written):
        return
    spot, hint = subject.at("general_settings", "pass_through_endpoints"), "{path: /PATH, target: URL}"
    if not isinstance(written, list):
        yield Found("`pass_through_endpoints` takes a list: LiteLLM starts without them", spot, f"- {hint}")
    for index, each in enumerate(written if isinstance(written, list) else ()):
        if not isinstance(each, Mapping) or not each.get("path") or not is_text(each["path"]):
            yield Found(f"a pass-through endpoint has a text `path`: {_ENDS}", spot.inside(index), hint)
        elif each.get("headers") is not None and not isinstance(each["headers"], Mapping):
            text = f"the headers of a pass-through endpoint are a mapping: {_ENDS}"
            yield Found(text, spot.inside(index, "headers"), "headers: {NAME: VALUE}")
        elif not each.get("target"):
            yield Found("an endpoint without `target`: LiteLLM starts without it", spot.inside(index), hint)


def _teams(value: object, spot: Spot) -> Iterator[Found]:
    if not isinstance(value, list):
        yield Found(f"`default_team_settings` takes a list: {_ENDS}", spot, "- {team_id: NAME}")
    for index, item in enumerate(value if isinstance(value, list) else ()):
        if not isinstance(item, Mapping) or not isinstance(item.get("team_id"), str):
            where = spot.inside(index)
            yield Found(f"an entry of `default_team_settings` has a text `team_id`: {_ENDS}", where, "team_id: NAME")


def _upperbound(value: object, spot: Spot) -> Iterator[Found]:
    if not isinstance(value, Mapping):
        yield Found(f"`upperbound_key_generate_params` takes a mapping: {_ENDS}", spot, "{max_budget: 100}")
        return
    for key, kind in UPPERBOUND.items():
        if key in value and value[key] is not None and not _fits(kind, value[key]):
            yield Found(f"`{key}` takes {kind}: {_ENDS}", spot.inside(key, value=True))


_CHECKS: Mapping[str, Callable[[Any, Spot], Iterator[Found]]] = {
    "default_team_settings": _teams,
    "upperbound_key_generate_params": _upperbound,
}


def _fits(kind: str, value: object) -> bool:
    if is_put_off(value):
        return True
    if kind == "text":
        return is_text(value)
    return is_number(value) and (kind == "a number" or is_count(value))
