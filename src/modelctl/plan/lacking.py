"""Whether an edit takes something away: then it may be half of one, and gets a little longer before it counts."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from modelctl.state.desired import Deployment, DesiredState, Provider


def takes_away(before: DesiredState, after: DesiredState) -> bool:
    """A model, a route, an entry, or a key or item of one. Costs what differs, not what is there."""
    return (
        _lacks(before.fallbacks, after.fallbacks)
        or _lacks(before.settings, after.settings)
        or _lacks(before.env_defaults, after.env_defaults)
        or _lacks(_routes(before), _routes(after))
        or _lacks(_models(before, after), _models(after, before))
        or _entries_lack(before, after)
    )


def _routes(state: DesiredState) -> dict[str, Any]:
    return {name: route.to_dict() for name, route in state.routes.items()}


def _models(state: DesiredState, other: DesiredState) -> dict[str, Any]:
    """Of the providers that differ: what is known of each model; nothing where it is the same one in both."""
    others = {each.id: each for each in other.providers}
    return {
        each.id: _facts(each, others.get(each.id))
        for each in state.providers
        if each.id not in others or others[each.id].digest != each.digest
    }


def _facts(provider: Provider, other: Provider | None) -> dict[str, Any]:
    others = {model.id: model for model in other.models} if other else {}
    return {model.id: {} if others.get(model.id) is model else model.to_dict() for model in provider.models}


def _entries_lack(before: DesiredState, after: DesiredState) -> bool:
    old, new = _by_group(before.beyond(after)), _by_group(after.beyond(before))
    return any(len(new[group]) < len(entries) for group, entries in old.items()) or any(
        _lacks(one.entry(), other.entry())
        for group, entries in old.items()
        for one, other in zip(entries, new[group], strict=False)
    )


def _by_group(deployments: list[Deployment]) -> dict[str, list[Deployment]]:
    found: dict[str, list[Deployment]] = defaultdict(list)
    for each in deployments:
        found[each.group].append(each)
    return found


def _lacks(before: Any, after: Any) -> bool:
    """Whether a key, an item or a value of `before` is missing in `after`; another value in its place is none."""
    if before == after:
        return False
    if isinstance(before, dict) and isinstance(after, dict):
        return any(key not in after or _lacks(value, after[key]) for key, value in before.items())
    if isinstance(before, (list, tuple)) and isinstance(after, (list, tuple)):
        return len(after) < len(before)
    return after is None
