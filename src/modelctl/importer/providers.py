"""Entries -> the files of their providers, so that compiling them gives the very same deployments."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from modelctl.importer.chains import Chains
from modelctl.importer.entries import ENDPOINT, OLLAMA_ADDRESS, OLLAMA_BASE, ImportedEntry, same
from modelctl.importer.fields import KeyPath
from modelctl.litellm_spec.facts import LITELLM_NAMES
from modelctl.litellm_spec.price_map import PRICE_NAMES, Facts, facts_of, per_million, per_token
from modelctl.state.desired import FALLBACK_KINDS

_MERGED = ("params", "info")


@dataclass
class WrittenProviders:
    """A file's data, and for paths in it the paths of the config that they came from."""

    data: dict[str, Any] = field(default_factory=dict)
    origins: dict[KeyPath, list[KeyPath]] = field(default_factory=dict)
    retired: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Model:
    """The entries that are endpoints of one model: one group, one provider, one model string."""

    group: str
    upstream: str
    entries: list[ImportedEntry]


def write_providers(entries: list[ImportedEntry], chains: Chains, today: date) -> dict[str, WrittenProviders]:
    """Provider -> its file, in the order in which `render` goes through them."""
    models: dict[str, list[_Model]] = {}
    for model in _models(entries):
        models.setdefault(model.entries[0].provider, []).append(model)
    members = Counter(each.group for found in models.values() for each in found)
    shared = {group for group, number in members.items() if number > 1}
    pending = {kind: dict(by_name) for kind, by_name in chains.by_kind.items()}
    served = _served(chains)
    return {
        provider: _provider(provider, models[provider], shared, pending, served=served, today=today)
        for provider in sorted(models)
    }


def _served(chains: Chains) -> dict[str, dict[str, dict[str, list[str]]]]:
    """Wildcard -> name that only it takes -> kind -> fallbacks."""
    found: dict[str, dict[str, dict[str, list[str]]]] = {}
    for name, wildcard in chains.served.items():
        own = {kind: by_name[name] for kind, by_name in chains.by_kind.items() if name in by_name}
        if own:
            found.setdefault(wildcard, {})[name] = own
    return found


def _models(entries: list[ImportedEntry]) -> list[_Model]:
    found: dict[tuple[str, str, str], _Model] = {}
    for entry in entries:
        at = (entry.provider, entry.group, entry.model)
        found.setdefault(at, _Model(entry.group, entry.model, [])).entries.append(entry)
    return list(found.values())


def _provider(
    provider: str,
    models: list[_Model],
    shared: set[str],
    pending: dict[str, dict[str, list[str]]],
    *,
    served: dict[str, dict[str, dict[str, list[str]]]],
    today: date,
) -> WrittenProviders:
    written = WrittenProviders()
    keys = _keys(provider, models)
    bodies = {keys[index]: _model(provider, keys[index], model) for index, model in enumerate(models)}
    header = _lifted(models, bodies)
    for name, value in header.items():
        users = (entry for model in models for entry in model.entries if entry.params[name] == value)
        written.origins[(name,)] = [entry.path for entry in users]
    for key, model in zip(keys, models, strict=True):
        body = bodies[key]
        if model.group in shared:
            body["load_balanced"] = True
        for kind in FALLBACK_KINDS:  # LiteLLM knows one chain for a group: it stands on its first model
            if chain := pending[kind].pop(model.group, None):
                body[kind] = chain
                written.origins["models", key, kind] = [(kind, model.group)]
        if names := served.pop(model.group, None):  # likewise
            body["serves"] = names
            for name, kind in ((name, kind) for name, own in names.items() for kind in own):
                written.origins["models", key, "serves", name, kind] = [(kind, name)]
        if _is_retired(model, body, today):
            body["lifecycle"] = {"render": True}
            written.retired.append(model.group)
        written.origins["models", key] = [entry.path for entry in model.entries]
        for index, entry in enumerate(model.entries) if "deployments" in body else ():
            written.origins["models", key, "deployments", index] = [entry.path]
    written.data = {**header, **_env_defaults(models), "models": bodies}
    return written


def _env_defaults(models: list[_Model]) -> dict[str, Any]:
    bases = (entry.params.get("api_base") for model in models for entry in model.entries)
    return {"env_defaults": {OLLAMA_BASE: OLLAMA_ADDRESS}} if f"os.environ/{OLLAMA_BASE}" in bases else {}


# -- keys --------------------------------------------------------------------------------------


def _keys(provider: str, models: list[_Model]) -> list[str]:
    """A key for each: the public name, else the upstream id, else the public name with a number."""
    groups, used, keys = {model.group for model in models}, set(), []
    for model in models:
        key = next(key for key in _candidates(provider, model, groups) if key not in used)
        used.add(key)
        keys.append(key)
    return keys


def _candidates(provider: str, model: _Model, groups: set[str]) -> Iterator[str]:
    rest = model.upstream.removeprefix(f"{provider}/")
    yield rest if model.group == f"{provider}/{rest}" and "*" in rest else model.group
    if rest.strip() and rest not in groups:
        yield rest
    number = 2
    while True:
        yield f"{model.group}-{number}"
        number += 1


# -- one model ---------------------------------------------------------------------------------


def _model(provider: str, key: str, model: _Model) -> dict[str, Any]:
    """The keys that all entries share; the rest goes under `deployments`."""
    common = _common([_body(entry) for entry in model.entries])
    specs = [_without(_body(entry), common) for entry in model.entries]
    body = {**_names(provider, key, model), **common}
    _state_facts(model.upstream, body)
    return {**body, "deployments": specs} if len(specs) > 1 else body


def _names(provider: str, key: str, model: _Model) -> dict[str, Any]:
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
    body: dict[str, Any] = {key: params.pop(key) for key in ENDPOINT if _is_text(params.get(key))}
    if _is_text(info.get("base_model")):
        body["base_model"] = info.pop("base_model")
    return {**body, **({"params": params} if params else {}), **({"info": info} if info else {})}


def _is_text(value: Any) -> bool:
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


def _fits(ours: str, value: Any) -> bool:
    if ours == "mode":
        return _is_text(value)
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


def _is_retired(model: _Model, body: Mapping[str, Any], today: date) -> bool:
    """By the map's date: a catalog would list the model and not render it."""
    retires = facts_of(model.upstream, body.get("base_model")).retires
    return retires is not None and retires <= today.isoformat()


# -- the provider's own ------------------------------------------------------------------------


def _lifted(models: list[_Model], bodies: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """Moves common values to the provider, unless a model lacks the key: it would inherit the value."""
    header: dict[str, Any] = {}
    for name in ENDPOINT:
        every = all(_is_text(entry.params.get(name)) for model in models for entry in model.entries)
        values = Counter(body[name] for body in bodies.values() if name in body)
        value, number = values.most_common(1)[0] if values else ("", 0)
        if every and (number > 1 or (number and len(bodies) == 1)):
            header[name] = value
            for body in bodies.values():
                if body.get(name) == value:
                    del body[name]
    return header
