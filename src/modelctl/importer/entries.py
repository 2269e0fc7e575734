"""`model_list` -> entries as LiteLLM reads them; what it would drop or ignore stays behind, with the reason."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from math import isfinite
from typing import Any

from modelctl.catalog.parse import Steps
from modelctl.importer.fields import Notes, Refused
from modelctl.litellm_spec import known_keys
from modelctl.litellm_spec.config import KeyPath, entry_parts, malformed
from modelctl.litellm_spec.price_map import price_map
from modelctl.litellm_spec.provider_families import family
from modelctl.state.desired import digest

CUSTOM = "custom"
OLLAMA_BASE = "OLLAMA_API_BASE"
OLLAMA_ADDRESS = "http://localhost:11434"
_OLLAMA = ("ollama", "ollama_chat")
_LIMITS = ("rpm", "tpm", "itpm", "otpm")  # of an entry's other keys the ones that LiteLLM takes for parameters
ENDPOINT = ("api_key", "api_base", "api_version")


@dataclass(frozen=True)
class ImportedEntry:
    """One deployment. `params` are without `model`, `info` is without what modelctl sets itself."""

    index: int
    group: str
    model: str
    provider: str
    params: Mapping[str, Any]
    info: Mapping[str, Any]
    id: str | None = None

    @property
    def path(self) -> KeyPath:
        return ("model_list", self.index)

    @property
    def identity(self) -> str:
        return digest([self.group, self.model, self.params, self.info])


def read_entries(written: list[Any], refused: Refused, notes: Notes) -> list[ImportedEntry]:
    """Those that LiteLLM serves, in their order."""
    found = []
    for index, entry in enumerate(written):
        path = ("model_list", index)
        if path in refused:
            notes.refused(path, refused[path])
        elif (read := _entry(entry, path, notes)) is not None:
            found.append(read)
    return list(_once(found, notes))


def _entry(entry: Any, path: KeyPath, notes: Notes) -> ImportedEntry | None:
    if isinstance(entry, Mapping) and not isinstance(entry.get("model_info", {}), Mapping):
        notes.no_effect((*path, "model_info"), "no mapping: LiteLLM does not start on it")
        entry = {key: value for key, value in entry.items() if key != "model_info"}
    if wrong := malformed(entry):
        notes.no_effect(path, f"LiteLLM cannot read it: {wrong.reason}")
        return None
    if not entry["model_name"].strip():
        notes.lost((*path, "model_name"), "a public name is not empty")
        return None
    if wrong_key := _mistyped_date(entry["litellm_params"]):
        text = f"LiteLLM drops the entry: `{wrong_key}` is text, and YAML reads a date here"
        notes.no_effect(path, text)
        return None
    parts = entry_parts(entry)
    params = _plain(parts.params, (*path, "litellm_params"), notes)
    info = _plain(parts.info, (*path, "model_info"), notes)
    model = params.pop("model")
    provider = provider_of(entry)
    _siblings(parts.extra, params, path, notes)
    _without_null_endpoints(params, path, notes)
    id_ = _own_keys(info, path, notes)
    if provider in _OLLAMA and "api_base" not in params:
        params["api_base"] = f"os.environ/{OLLAMA_BASE}"
        text = f"without it LiteLLM starts `ollama serve` by itself: {OLLAMA_BASE}, by default {OLLAMA_ADDRESS}"
        notes.changed((*path, "litellm_params", "api_base"), text)
    return ImportedEntry(path[1], parts.group, model, provider, params, info, id_)  # type: ignore[arg-type]


def provider_of(entry: object) -> str:
    """The file to stand in: the model string's prefix where LiteLLM knows it, else what LiteLLM would find out."""
    params = entry.get("litellm_params") if isinstance(entry, Mapping) else None
    model = params.get("model") if isinstance(params, Mapping) else None
    if not isinstance(params, Mapping) or not isinstance(model, str):
        return CUSTOM
    prefix, slash, rest = model.partition("/")
    if slash and rest and prefix in known_keys.providers():
        return prefix
    provider = params.get("custom_llm_provider")
    if isinstance(provider, str) and provider in known_keys.providers():
        return provider
    listed = (price_map().get(model) or {}).get("litellm_provider")
    return family(str(listed)) if listed else CUSTOM


_HOST = re.compile(r"[a-z]+://([^/:@]+)")
_BASE_NAME = re.compile(r"_?(?:API_)?(?:BASE|URL|BASE_URL|HOST|ENDPOINT)$")


def other_server(entry: Any) -> str | None:
    """A name for the server of an entry whose `api_base` is not its provider's own; None where it is."""
    params = entry.get("litellm_params") if isinstance(entry, Mapping) else None
    base = (params.get("api_base") or params.get("base_url")) if isinstance(params, Mapping) else None
    provider = provider_of(entry)
    if not isinstance(base, str) or not base:
        return None
    if base.startswith("os.environ/"):
        name = _BASE_NAME.sub("", base.removeprefix("os.environ/").upper())
        return f"{name}_OWN" if name == provider.upper() or not name else name
    match = _HOST.match(base)
    host = match[1] if match else "server"
    if family(provider).partition("_")[0] in host.split(".")[-2:][0] or host.endswith("azure.com"):
        return None
    return f"host {host}" if host[0].isdigit() else host


def _mistyped_date(params: Mapping[str, Any]) -> str | None:
    """A parameter that LiteLLM wants as text and YAML reads as a date: pydantic refuses the whole entry."""
    for key, value in params.items():
        if isinstance(value, date) and known_keys.type_of("litellm_params", key):
            return key
    return None


def _siblings(extra: Mapping[str, Any], params: dict[str, Any], path: KeyPath, notes: Notes) -> None:
    for key, value in extra.items():
        if key in _LIMITS and params.get(key) is None and value is not None:
            params[key] = value
            notes.changed((*path, key), "stands among the parameters, where LiteLLM copies it to")
        else:
            notes.no_effect((*path, key), f"LiteLLM reads no `{key}` here")


def _without_null_endpoints(params: dict[str, Any], path: KeyPath, notes: Notes) -> None:
    for key in ENDPOINT:
        if key in params and params[key] is None:
            del params[key]
            notes.no_effect((*path, "litellm_params", key), "null is the same as nothing")


def _own_keys(info: dict[str, Any], path: KeyPath, notes: Notes) -> str | None:
    """The keys of `model_info` that modelctl sets itself go; the id that was written is answered."""
    id_ = info.pop("id", None)
    if id_ is not None:
        text = "modelctl gives ids of its own: a digest of the entry, the same on every machine"
        notes.changed((*path, "model_info", "id"), text)
    if (db_model := info.pop("db_model", None)) is not None:
        if db_model:
            notes.lost(
                (*path, "model_info", "db_model"), "marks models of LiteLLM's database, which a catalog has none of"
            )
        else:
            notes.no_effect((*path, "model_info", "db_model"), "false is what LiteLLM takes for granted")
    return None if id_ is None else str(id_)


def _once(entries: list[ImportedEntry], notes: Notes) -> Iterator[ImportedEntry]:
    """Equal entries are one deployment to LiteLLM, unless their ids differ: then the ids go on telling them apart."""
    seen: dict[str, ImportedEntry] = {}
    for entry in entries:
        first = seen.setdefault(entry.identity, entry)
        if first is entry:
            yield entry
        elif first.id == entry.id:
            notes.no_effect(entry.path, f"the same, word for word, as {first.path[0]}[{first.index}]: one deployment")
        else:
            yield replace(entry, info={**entry.info, "imported_id": entry.id or f"{entry.index}"})


def _plain(value: Mapping[str, Any], path: KeyPath, notes: Notes) -> dict[str, Any]:
    """What JSON can say; a date as its text."""
    return {key: each for key, item in value.items() if (each := plain(item, (*path, key), notes)) is not UNSAYABLE}


UNSAYABLE = object()


def plain(value: object, path: Steps, notes: Notes) -> Any:
    """As YAML and JSON both have it; UNSAYABLE for what has no such form, which is then lost."""
    if isinstance(value, date):  # a datetime is one too
        notes.changed(path, "a date to YAML, written as text")
        return value.isoformat()
    if isinstance(value, dict):
        found = {key: plain(item, (*path, key), notes) for key, item in value.items()}
        return {key: each for key, each in found.items() if each is not UNSAYABLE}
    if isinstance(value, (list, tuple)):
        items = [plain(item, (*path, index), notes) for index, item in enumerate(value)]
        return [item for item in items if item is not UNSAYABLE]
    if isinstance(value, (str, bool, int, type(None))) or (isinstance(value, float) and isfinite(value)):
        return value
    notes.lost(path, f"{type(value).__name__} has no form in a catalog")
    return UNSAYABLE


def same(one: object, other: object) -> bool:
    """Equal and of one kind: 1, 1.0 and true are three values."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
