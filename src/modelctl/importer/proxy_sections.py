"""Every other section of a config -> proxy.yaml, as it is written, without the keys that LiteLLM does not read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from modelctl.catalog.schema_tops import SECTIONS
from modelctl.importer.entries import UNSAYABLE, plain
from modelctl.importer.fields import Notes, Refused
from modelctl.litellm_spec import known_keys
from modelctl.litellm_spec.config import ALIASES, DEFAULT_FALLBACKS, FALLBACK_KINDS

_SETTINGS = ("litellm_settings", "router_settings", "general_settings")
_MAPPINGS = (*_SETTINGS, "environment_variables")
_ELSEWHERE = {
    "litellm_settings": (*FALLBACK_KINDS, DEFAULT_FALLBACKS),
    "router_settings": (*FALLBACK_KINDS, DEFAULT_FALLBACKS, ALIASES[1]),
}
"""The keys that hold aliases and fallbacks: these become routes and fallbacks of models."""


def read_sections(config: Mapping[str, Any], refused: Refused, notes: Notes) -> dict[str, Any]:
    """The sections of proxy.yaml."""
    found = {}
    for name, value in config.items():
        if name in ("model_list", "include"):
            continue
        kept = _section(name, value, refused, notes)
        if kept is not UNSAYABLE:
            found[name] = kept
    return found


def _section(name: str, value: object, refused: Refused, notes: Notes) -> Any:
    if name not in SECTIONS:
        holds_anchors = name.startswith("x-")
        notes.no_effect((name,), "only holds anchors" if holds_anchors else f"LiteLLM has no section `{name}`")
        return UNSAYABLE
    if (name,) in refused:
        notes.refused((name,), refused[(name,)])
        return UNSAYABLE
    if value is None or (value == {} and name in _MAPPINGS):
        notes.no_effect((name,), "empty")
        return UNSAYABLE
    if name in _MAPPINGS and not isinstance(value, Mapping):
        notes.no_effect((name,), "no mapping: LiteLLM does not start on it")
        return UNSAYABLE
    if not isinstance(value, Mapping):
        return plain(value, (name,), notes)
    return dict(_keys(name, value, refused, notes)) or UNSAYABLE


def _keys(section: str, value: Mapping[str, Any], refused: Refused, notes: Notes) -> Iterator[Any]:
    for key, item in value.items():
        path = (section, key)
        if key in _ELSEWHERE.get(section, ()):
            continue
        if path in refused:
            notes.refused(path, refused[path])
        elif section in _SETTINGS and key not in known_keys.known_keys(section):
            notes.no_effect(path, _unknown(section, key))
        elif (kept := plain(item, path, notes)) is not UNSAYABLE:
            yield key, kept


def _unknown(section: str, key: str) -> str:
    """Where the key would have an effect, if anywhere."""
    if last := known_keys.once(section, key):
        return f"LiteLLM no longer reads it; {last} was the last release looked at that did"
    places = [name or "the top level" for name in known_keys.section_of(key) if name != section]
    return f"LiteLLM does not read it here; it belongs in {places[0]}" if places else "LiteLLM knows no such key"
