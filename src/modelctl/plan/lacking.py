"""Whether an edit removes something: it may be incomplete then, and is applied a little later."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from modelctl.state.desired import Deployment, DesiredState, Provider
from modelctl.state.lacks import entries_lack, lacks


def takes_away(before: DesiredState, after: DesiredState) -> bool:
    """A model, a route, an entry, or a key or item of one. Costs what differs, not what is there."""
    return (
        lacks(before.fallbacks, after.fallbacks)
        or lacks(before.settings, after.settings)
        or lacks(before.env_defaults, after.env_defaults)
        or lacks(_routes(before), _routes(after))
        or lacks(_models(before, after), _models(after, before))
        or _entries_lack(before, after)
    )


def _routes(state: DesiredState) -> dict[str, Any]:
    return {name: route.to_dict() for name, route in state.routes.items()}


def _models(state: DesiredState, other: DesiredState) -> dict[str, Any]:
    """Of the providers that differ: what is known of each model; nothing where it is the same one in both."""
    others = {provider.id: provider for provider in other.providers}
    return {
        provider.id: _facts(provider, others.get(provider.id))
        for provider in state.providers
        if provider.id not in others or others[provider.id].digest != provider.digest
    }


def _facts(provider: Provider, other: Provider | None) -> dict[str, Any]:
    others = {model.id: model for model in other.models} if other else {}
    return {model.id: {} if others.get(model.id) is model else model.to_dict() for model in provider.models}


def _entries_lack(before: DesiredState, after: DesiredState) -> bool:
    return entries_lack(_by_group(before.beyond(after)), _by_group(after.beyond(before)))


def _by_group(deployments: list[Deployment]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for deployment in deployments:
        found[deployment.group].append(deployment.entry())
    return found
