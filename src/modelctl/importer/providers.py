"""Entries -> the files of their providers, so that compiling them gives the very same deployments."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from modelctl.importer.chains import Chains
from modelctl.importer.entries import ENDPOINT, OLLAMA_ADDRESS, OLLAMA_BASE, ImportedEntry
from modelctl.importer.model_body import EntryGroup, is_text, model_body
from modelctl.litellm_spec.config import FALLBACK_KINDS, KeyPath
from modelctl.litellm_spec.price_map import facts_of


@dataclass
class WrittenProviders:
    """A file's data, and for paths in it the paths of the config that they came from."""

    data: dict[str, Any] = field(default_factory=dict)
    origins: dict[KeyPath, list[KeyPath]] = field(default_factory=dict)
    retired: list[str] = field(default_factory=list)


def write_providers(entries: list[ImportedEntry], chains: Chains, today: date) -> dict[str, WrittenProviders]:
    """Provider -> its file, in the order in which `render` goes through them."""
    models: dict[str, list[EntryGroup]] = {}
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


def _models(entries: list[ImportedEntry]) -> list[EntryGroup]:
    found: dict[tuple[str, str, str], EntryGroup] = {}
    for entry in entries:
        at = (entry.provider, entry.group, entry.model)
        found.setdefault(at, EntryGroup(entry.group, entry.model, [])).entries.append(entry)
    return list(found.values())


def _provider(
    provider: str,
    models: list[EntryGroup],
    shared: set[str],
    pending: dict[str, dict[str, list[str]]],
    *,
    served: dict[str, dict[str, dict[str, list[str]]]],
    today: date,
) -> WrittenProviders:
    written = WrittenProviders()
    keys = _keys(provider, models)
    bodies = {keys[index]: model_body(provider, keys[index], model) for index, model in enumerate(models)}
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


def _env_defaults(models: list[EntryGroup]) -> dict[str, Any]:
    bases = (entry.params.get("api_base") for model in models for entry in model.entries)
    return {"env_defaults": {OLLAMA_BASE: OLLAMA_ADDRESS}} if f"os.environ/{OLLAMA_BASE}" in bases else {}


# -- keys --------------------------------------------------------------------------------------


def _keys(provider: str, models: list[EntryGroup]) -> list[str]:
    """A key for each: the public name, else the upstream id, else the public name with a number."""
    groups, used, keys = {model.group for model in models}, set(), []
    for model in models:
        key = next(key for key in _candidates(provider, model, groups) if key not in used)
        used.add(key)
        keys.append(key)
    return keys


def _candidates(provider: str, model: EntryGroup, groups: set[str]) -> Iterator[str]:
    rest = model.upstream.removeprefix(f"{provider}/")
    yield rest if model.group == f"{provider}/{rest}" and "*" in rest else model.group
    if rest.strip() and rest not in groups:
        yield rest
    number = 2
    while True:
        yield f"{model.group}-{number}"
        number += 1


def _is_retired(model: EntryGroup, body: Mapping[str, Any], today: date) -> bool:
    """By the map's date: a catalog would list the model and not render it."""
    retires = facts_of(model.upstream, body.get("base_model")).retires
    return retires is not None and retires <= today.isoformat()


# -- the provider's own ------------------------------------------------------------------------


def _lifted(models: list[EntryGroup], bodies: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """Moves common values to the provider, unless a model lacks the key: it would inherit the value."""
    header: dict[str, Any] = {}
    for name in ENDPOINT:
        every = all(is_text(entry.params.get(name)) for model in models for entry in model.entries)
        values = Counter(body[name] for body in bodies.values() if name in body)
        value, number = values.most_common(1)[0] if values else ("", 0)
        if every and (number > 1 or (number and len(bodies) == 1)):
            header[name] = value
            for body in bodies.values():
                if body.get(name) == value:
                    del body[name]
    return header
