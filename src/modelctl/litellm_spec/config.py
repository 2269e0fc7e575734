"""A LiteLLM config as LiteLLM reads it: its entries, aliases and fallbacks as values, each with its path.

From a parsed mapping, includes merged, without looking at any file. Rules, the importer, plans and file mode take these
values; what they make of an element that LiteLLM cannot read is theirs to say.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

KeyPath = tuple[str | int, ...]

ENTRY_KEYS = ("model_name", "litellm_params", "model_info")
"""What LiteLLM reads of an entry of `model_list`; further keys are `extra`."""
ALIASES = ("router_settings", "model_group_alias")
CHAIN_SECTIONS = ("router_settings", "litellm_settings")
"""Where fallbacks may stand; the first that says something counts."""
FALLBACK_KINDS = ("fallbacks", "context_window_fallbacks", "content_policy_fallbacks")
DEFAULT_FALLBACKS = "default_fallbacks"


def section(config: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A section that is a mapping; empty where there is none such."""
    value = config.get(name)
    return value if isinstance(value, Mapping) else {}


# -- entries -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ConfigEntry:
    """One deployment, references unresolved."""

    group: str
    params: Mapping[str, Any]
    info: Mapping[str, Any]
    extra: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Malformed:
    """Why LiteLLM crashes on an entry or drops it, at which of its keys, and how to mend it."""

    reason: str
    key: tuple[str, ...] = ()
    hint: str | None = None


def malformed(entry: object) -> Malformed | None:
    """None for an entry that LiteLLM can read."""
    if not isinstance(entry, Mapping):
        return Malformed("an entry of `model_list` is a mapping", (), "- model_name: NAME")
    name, params, info = entry.get("model_name"), entry.get("litellm_params"), entry.get("model_info", {})
    if name is None or isinstance(name, list | Mapping):
        reason = "`model_name` is missing" if name is None else "`model_name` is text"
        return Malformed(reason, (), "model_name: NAME")
    if not isinstance(name, str):
        text = f"`model_name` is text, and {name} is none to YAML"
        return Malformed(text, ("model_name",), f'model_name: "{name}"')
    if not isinstance(params, Mapping):
        text = f"`{name}` has no mapping under `litellm_params`"
        return Malformed(text, (), "litellm_params: {model: PROVIDER/MODEL}")
    if not isinstance(params.get("model"), str) or not params["model"]:
        text = f"`{name}` has no text under `litellm_params.model`"
        return Malformed(text, ("litellm_params",), "model: PROVIDER/MODEL")
    if not isinstance(info, Mapping):
        return Malformed(f"`{name}`: `model_info` is a mapping, and not empty", ("model_info",), "remove the key")
    return None


def entry_parts(entry: Mapping[str, Any]) -> ConfigEntry:
    """The parts of an entry that is not malformed."""
    extra = {key: value for key, value in entry.items() if key not in ENTRY_KEYS}
    return ConfigEntry(entry["model_name"], entry["litellm_params"], entry.get("model_info") or {}, extra)


def may_be_in_database(config: Mapping[str, Any], environ: Mapping[str, str] | None = None) -> bool:
    """Whether models, credentials and the like may also stand in LiteLLM's database."""
    stored = section(config, "general_settings").get("store_model_in_db")
    return bool(stored) or (environ or {}).get("STORE_MODEL_IN_DB", "").lower() == "true"


def custom_prefixes(config: Mapping[str, Any]) -> frozenset[str]:
    """Providers that a config's `custom_provider_map` adds to LiteLLM's own."""
    known = section(config, "litellm_settings").get("custom_provider_map")
    found = (each.get("provider") for each in known if isinstance(each, Mapping)) if isinstance(known, list) else ()
    return frozenset(name for name in found if isinstance(name, str))


# -- aliases -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ConfigAlias:
    """`target` is None where the alias maps to anything but one name: LiteLLM fails on each call.

    `hidden` is None where a mapping does not say it: LiteLLM does not start.
    """

    name: str
    target: str | None
    hidden: bool | None

    @property
    def path(self) -> KeyPath:
        return (*ALIASES, self.name)


def aliases_in(config: Mapping[str, Any]) -> Iterator[ConfigAlias]:
    """In their order; none where `model_group_alias` is no mapping."""
    for name, value in section(section(config, ALIASES[0]), ALIASES[1]).items():
        target = step_name(value)
        yield ConfigAlias(name, target if isinstance(target, str) else None, _hidden(value))


def _hidden(value: object) -> bool | None:
    if not isinstance(value, Mapping):
        return False
    return value["hidden"] is True if "hidden" in value else None


def step_name(value: object) -> Any:
    """What an alias points to, or a fallback goes to: a name, or a mapping with `model` and more."""
    return value.get("model") if isinstance(value, Mapping) else value


# -- fallbacks ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ConfigChain:
    """The fallbacks of one name; of `*` those of every model.

    `steps` is None where they are no list. `name` is None for an element that is no mapping with a key. `alone` is
    False where more keys stand beside this one: LiteLLM looks at the first, and does not start on it unless these are
    `context_window_fallbacks`.
    """

    kind: str
    name: str | None
    steps: list[Any] | None
    path: KeyPath
    alone: bool = True

    @property
    def readable(self) -> bool:
        """Whether the element is a mapping with one key."""
        return self.name is not None and self.alone

    @property
    def element(self) -> KeyPath:
        """The path of the element of the list."""
        return self.path[:3]


def chains_in(config: Mapping[str, Any]) -> Iterator[ConfigChain]:
    """Of every kind and of both sections, in this order; the default ones last in each section."""
    for name in CHAIN_SECTIONS:
        written = section(config, name)
        for kind in FALLBACK_KINDS:
            yield from chains_of(written.get(kind), (name, kind))
        default = written.get(DEFAULT_FALLBACKS)
        if default is not None:
            yield ConfigChain(DEFAULT_FALLBACKS, "*", _list(default), (name, DEFAULT_FALLBACKS))


def chains_of(written: object, path: KeyPath) -> Iterator[ConfigChain]:
    """The chains of one kind in one section; none where it is no list."""
    kind = str(path[-1])
    for index, element in enumerate(written if isinstance(written, list) else ()):
        if isinstance(element, Mapping) and element:
            name = next(iter(element))
            yield ConfigChain(kind, name, _list(element[name]), (*path, index, name), len(element) == 1)
        else:
            yield ConfigChain(kind, None, None, (*path, index))


def _list(steps: object) -> list[Any] | None:
    return steps if isinstance(steps, list) else None
