"""The entries that are endpoints of one model -> its body in a provider's file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from modelctl.importer.entries import ENDPOINT, ImportedEntry, same
from modelctl.litellm_spec.facts import LITELLM_NAMES
from modelctl.litellm_spec.price_map import PRICE_NAMES, Facts, facts_of, per_million, per_token

_MERGED = ("params", "info")


@dataclass(frozen=True)
class EntryGroup:
    """The entries that are endpoints of one model: one group, one provider, one model string."""

    group: str
    upstream: str
    entries: list[ImportedEntry]


def model_body(provider: str, key: str, model: EntryGroup) -> dict[str, Any]:
    """The keys that all entries share; the rest goes under `deployments`."""
    common = _common([_body(entry) for entry in model.entries])
    specs = [_without(_body(entry), common) for entry in model.entries]
    body = {**_names(provider, key, model), **common}
    _state_facts(model.upstream, body)
    return {**body, "deployments": specs} if len(specs) > 1 else body


def _names(provider: str, key: str, model: EntryGroup) -> dict[str, Any]:
    names: dict[str, Any] = {}
    if model.group != (f"{provider}/{key}" if "*" in key else key):
        names["public_name"] = model.group
    if model.upstream != f"{provider}/{key}":
        prefix, _, rest = model.upstream.partition("/")
        names |= {"model": rest} if prefix == provider and rest else {"litellm_model": model.upstream}
    return names


def _body(entry: ImportedEntry) -> dict[str, Any]:
    """One entry in a catalog's words."""
    params, info = dict(entry.params), dict(entry.info)
    body: dict[str, Any] = {key: params.pop(key) for key in ENDPOINT if is_text(params.get(key))}
    if is_text(info.get("base_model")):
        body["base_model"] = info.pop("base_model")
    return {**body, **({"params": params} if params else {}), **({"info": info} if info else {})}


def is_text(value: object) -> bool:
    return isinstance(value, str) and value != ""


def _common(bodies: list[dict[str, Any]]) -> dict[str, Any]:
    """The keys that all bodies share; `params` and `info` are gone through, as inheritance merges just these."""
    found = _alike(bodies)
    for key in _MERGED:
        inside = _alike([body.get(key) or {} for body in bodies])
        found |= {key: inside} if inside else {}
    return found


def _alike(values: list[dict[str, Any]]) -> dict[str, Any]:
    first, *others = values
    return {
        key: value
        for key, value in first.items()
        if key not in _MERGED and all(key in other and same(other[key], value) for other in others)
    }


def _without(body: Mapping[str, Any], common: Mapping[str, Any]) -> dict[str, Any]:
    left: dict[str, Any] = {}
    for key, value in body.items():
        if key in _MERGED:
            inside = {inner: item for inner, item in value.items() if inner not in common.get(key, {})}
            left |= {key: inside} if inside else {}
        elif key not in common:
            left[key] = value
    return left


def _state_facts(upstream: str, body: dict[str, Any]) -> None:
    """`model_info` in our words where they compile to the very same: then the API and routes know the facts too."""
    info = dict(body.get("info") or {})
    for ours, theirs in LITELLM_NAMES.items():
        if theirs in info and _fits(ours, info[theirs]):
            body[ours] = info.pop(theirs)
    price = _price(info, facts_of(upstream, body.get("base_model")))
    if price:
        body["price"] = price
        info = {key: value for key, value in info.items() if key not in PRICE_NAMES.values()}
    body.pop("info", None)
    if info:
        body["info"] = info


def _fits(ours: str, value: object) -> bool:
    if ours == "mode":
        return is_text(value)
    if ours in ("context_window", "max_output_tokens"):
        return isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return isinstance(value, bool)


def _price(info: Mapping[str, Any], known: Facts) -> dict[str, float]:
    """Empty unless it compiles to the same: all sides that the map knows are stated, and nothing is rounded."""
    price = {}
    for side, theirs in PRICE_NAMES.items():
        value = info.get(theirs)
        if theirs not in info:
            if getattr(known, side) is not None:
                return {}
        elif not isinstance(value, float) or value < 0 or per_token(per_million(value)) != value:
            return {}
        else:
            price[side] = per_million(value)
    return price
