"""Keys that nothing reads where they stand, in every section that we know: what three rules share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from modelctl.check.entry import Entry
from modelctl.check.found import Spot
from modelctl.check.subject import Subject
from modelctl.litellm_spec import known_keys

_SECTIONS = ("litellm_settings", "router_settings", "general_settings")
_INSIDE = (  # mappings within a section that are described by themselves
    ("litellm_settings", "cache_params", "cache_params"),
    ("router_settings", "retry_policy", "retry_policy"),
    ("router_settings", "allowed_fails_policy", "allowed_fails_policy"),
    ("general_settings", "alerting_args", "alerting_args"),
    ("general_settings", "litellm_jwtauth", "litellm_jwtauth"),
    ("general_settings", "key_management_settings", "key_management_settings"),
)
_OURS = frozenset({"hook", "default_fallbacks"})  # proxy.yaml's own keys stand among LiteLLM's sections


@dataclass(frozen=True)
class Stray:
    """A key that LiteLLM does not read there. `once`: the last release that did; `home`: sections that do.

    `later`: the line that is the first to read it, where one after the line checked for does.
    """

    section: str
    key: str
    spot: Spot
    once: str | None
    home: tuple[str, ...]
    later: str | None

    @property
    def under(self) -> str:
        return f"under `{self.section}`" if self.section else "at the top of the file"


def of_entries(subject: Subject) -> list[tuple[Entry, Stray]]:
    """Looked for once, though four rules ask."""
    return subject.once(_of_entries)


def _of_entries(subject: Subject) -> list[tuple[Entry, Stray]]:
    params, info = _known("litellm_params"), _known("model_info")
    odd = (one for one in subject.entries if one.extra or not (one.params.keys() <= params and one.info.keys() <= info))
    return [found for entry in odd for found in _of_entry(subject, entry)]


def _of_entry(subject: Subject, entry: Entry) -> Iterator[tuple[Entry, Stray]]:
    for section, values in (("litellm_params", entry.params), ("model_info", entry.info)):
        for key in _unknown(section, values):
            if key.__class__ is str and not subject.settings.other(section, key):
                yield entry, _stray(section, key, entry.at(section, key))
    for key in _unknown("model_list", entry.extra):
        if isinstance(key, str) and not subject.settings.other("model_list", key):
            yield entry, _stray("model_list", key, entry.at(key))


def of_sections(subject: Subject) -> Iterator[Stray]:
    if subject.section_spot is None:
        return
    if subject.kind == "config":
        yield from _strays(subject, "", subject.sections, ())
    for section in _SECTIONS:
        yield from _strays(subject, section, subject.section(section), (section,))
    for section, key, name in _INSIDE:
        inside = subject.section(section).get(key)
        written = inside if isinstance(inside, Mapping) else {}
        if str(written.get("type")).endswith("-semantic"):  # these caches take one more
            written = {key: value for key, value in written.items() if key != "redis_url"}
        yield from _strays(subject, name, written, (section, key))


def _strays(subject: Subject, section: str, values: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[Stray]:
    for key in _unknown(section, values):
        if isinstance(key, str) and not key.startswith("x-") and not subject.settings.other(section, key):
            yield _stray(section, key, subject.at(*path, key))


def _unknown(section: str, values: Mapping[str, Any]) -> Any:
    if not values:
        return ()
    unknown = values.keys() - _known(section)
    return [key for key in values if key in unknown] if unknown else ()


def _known(section: str) -> frozenset[str]:
    known = known_keys.known_keys(section)
    return known if section else known | _OURS


def _stray(section: str, key: str, spot: Spot) -> Stray:
    home = tuple(name for name in known_keys.section_of(key) if name != section and name in _HOMES[section or "*"])
    if section in _TOPS and (settings := tuple(name for name in home if name in _TOPS)):
        home = settings  # a setting for all models was meant
    return Stray(section, key, spot, known_keys.once(section, key), home, known_keys.later(section, key))


_TOPS = ("router_settings", "litellm_settings", "general_settings")
_HOMES: dict[str, tuple[str, ...]] = {
    "*": (*_TOPS, "litellm_params", "model_list"),
    "litellm_settings": ("router_settings", "general_settings", "litellm_params", ""),
    "router_settings": ("litellm_settings", "general_settings", "litellm_params", ""),
    "general_settings": ("litellm_settings", "router_settings", "litellm_params", ""),
    "litellm_params": ("model_info", "model_list", "router_settings", "litellm_settings", "general_settings"),
    "model_info": ("litellm_params", "model_list"),
    "model_list": ("litellm_params", "model_info", *_TOPS),
    "cache_params": ("litellm_settings",),
    "retry_policy": ("router_settings",),
    "allowed_fails_policy": ("router_settings",),
    "alerting_args": ("general_settings",),
    "litellm_jwtauth": ("general_settings",),
    "key_management_settings": ("general_settings",),
}
"""Where a key that stands in one section may have been meant to stand."""
