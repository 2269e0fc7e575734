"""From what the control plane answers (`/routes` and `/models/list`) to the names that a client may offer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from modelctl.client_configs.client_values import Choice
from modelctl.litellm_spec.facts import CAPABILITIES, COUNTS
from modelctl.litellm_spec.modes import is_chat

_PRICES = ("input", "output", "cached_input")


def choices(
    routes: Iterable[Mapping[str, Any]], providers: Iterable[Mapping[str, Any]], first: str = "active"
) -> list[Choice]:
    """Routes for chat (`first` leads), then the chat models that can be asked now; wildcards have no name to offer."""
    members: dict[str, list[Mapping[str, Any]]] = {}
    for model in (model for provider in providers for model in provider["models"]):
        members.setdefault(model["public_name"], []).append(model)
    chat = [route for route in routes if is_chat(route["requires"].get("mode"))]
    chat.sort(key=lambda one: one["route"] != first)
    offered = [
        _choice(name, group[0]["name"] if len(group) == 1 else name, group)
        for name, group in members.items()
        if "*" not in name and any(model["available"] and _chats(model) for model in group)
    ]
    return [*(_of_route(one, members.get(one["target"], ())) for one in chat), *offered]


def _chats(model: Mapping[str, Any]) -> bool:
    return is_chat(model["mode"])


def _of_route(route: Mapping[str, Any], group: Sequence[Mapping[str, Any]]) -> Choice:
    return _choice(route["route"], route["route"], group, target=route["target"], also=tuple(route["also"]))


def _choice(id_: str, name: str, group: Sequence[Mapping[str, Any]], **more: Any) -> Choice:
    """A fact of a shared name holds only if it holds for all members."""
    facts: dict[str, Any] = {limit: min(_all(group, limit), default=None) for limit in COUNTS}
    for fact in CAPABILITIES.values():
        values = [model[fact] for model in group]
        facts[fact] = False if False in values else True if values and None not in values else None
    price = {side: max(_all([model["price"] for model in group], side), default=None) for side in _PRICES}
    return Choice(id_, name, **facts, price=price, **more)


def _all(group: Iterable[Mapping[str, Any]], name: str) -> list[Any]:
    """The values of all members; empty where one is unknown."""
    values = [model.get(name) for model in group]
    return [] if None in values else values
