"""What rules look at: one read-only view of a catalog and of a LiteLLM config file.

A rule sees what LiteLLM would read (`model_list` entries, aliases, fallbacks, sections). Where that stands
in a file is worked out only once a rule has something to say.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, Literal, TypeVar

import modelctl.text.nearest
from modelctl.catalog.parse import Document, Steps
from modelctl.check.policy import NONE, Policy
from modelctl.errors import Problem, Severity
from modelctl.litellm_spec import known_keys, lookup
from modelctl.litellm_spec.known_keys import Retired
from modelctl.litellm_spec.machine import Machine
from modelctl.litellm_spec.price_map import UNKNOWN, Facts, facts_of, listed
from modelctl.state.desired import digest

Kind = Literal["catalog", "config"]
T = TypeVar("T")


@dataclass(frozen=True)
class Spot:
    """A place in a file: a key (or its value) that may be looked up when it is needed."""

    document: Document
    path: tuple[str | int, ...] = ()
    value: bool = False

    def problem(self, rule: str, message: str, severity: Severity, hint: str | None = None) -> Problem:
        return self.document.problem(rule, message, self.path, value=self.value, severity=severity, hint=hint)

    @property
    def shown(self) -> str:
        line, column = self.document.place(self.path, value=self.value)
        return f"{self.document.label}:{line}:{column}"

    def inside(self, *path: str | int, value: bool = False) -> Spot:
        return Spot(self.document, (*self.path, *path), value)


@dataclass(frozen=True)
class Found:
    """What a rule has to say. `severity` None: the rule's own. `once`: what is said of the first entry alone, however
    many others have it too."""

    message: str
    spot: Spot
    hint: str | None = None
    severity: Severity | None = None
    once: str | None = None


@dataclass(frozen=True, eq=False)
class Entry:
    """One deployment as LiteLLM reads it; `params` and `info` are `litellm_params` and `model_info`."""

    group: str
    params: Mapping[str, Any]
    info: Mapping[str, Any]
    place: Callable[[Steps], Spot] = field(repr=False)
    extra: Mapping[str, Any] = field(default_factory=dict)  # the entry's other keys
    tags: Collection[str] = ()
    lifecycle: Mapping[str, Any] | None = None  # of a catalog's model
    stated: bool = False  # the author has written a lifecycle
    doubtful: bool = False  # its file has errors: what seems to be missing may only be misspelt

    def at(self, *path: str | int, value: bool = False) -> Spot:
        """Where `path` (as in LiteLLM's own form) is written; the entry's own key where it is not."""
        spot = self.place(path)
        inherited = value and path and spot == self.place(())
        return spot if inherited or not value else Spot(spot.document, spot.path, value)

    @cached_property
    def model(self) -> str:
        return str(self.params.get("model", ""))

    @cached_property
    def provider(self) -> str:
        """The prefix of the model string, or what `custom_llm_provider` says; empty when neither does."""
        said = self.params.get("custom_llm_provider")
        return said if isinstance(said, str) and said else self.model.partition("/")[0] if "/" in self.model else ""

    @property
    def base_key(self) -> str:
        return "api_base" if self.params.get("api_base") else "base_url"

    @property
    def api_base(self) -> str | None:
        said = self.params.get(self.base_key)
        return said if isinstance(said, str) else None

    @cached_property
    def base_model(self) -> str | None:
        said = self.info.get("base_model") or self.params.get("base_model")
        return said if isinstance(said, str) else None

    @cached_property
    def facts(self) -> Facts:
        """What the price map knows of it."""
        return facts_of(self.model, self.base_model)

    @cached_property
    def meaning(self) -> str:
        """Equal for entries that LiteLLM could not tell apart."""
        return digest([self.group, self.params])

    @cached_property
    def listed(self) -> Mapping[str, Any] | None:
        """Its entry in the price map."""
        return listed(self.model, self.base_model)

    @cached_property
    def once(self) -> Retired | None:
        """What earlier releases of LiteLLM knew of a model that the present one does not."""
        if self.facts is not UNKNOWN or "*" in self.model or self.base_model:
            return None
        return known_keys.retired(self.model, self.provider or None)

    @property
    def retires(self) -> str | None:
        """The day on which the provider switches it off, as an ISO date."""
        return self.facts.retires if self.lifecycle is None else self.lifecycle.get("retires")

    @property
    def successor(self) -> str | None:
        return (self.lifecycle or {}).get("successor")

    @property
    def wildcard(self) -> bool:
        return "*" in self.group or "*" in self.model

    @cached_property
    def context(self) -> int | None:
        """Tokens that a request may hold, as far as is known."""
        for name in ("max_input_tokens", "max_tokens"):
            if isinstance(said := self.info.get(name), int):
                return said
        return self.facts.context_window


@dataclass(frozen=True)
class Alias:
    name: str
    target: str
    spot: Spot


@dataclass(frozen=True)
class Chain:
    """Fallbacks of one name. `kind` is the key they stand under; `steps` are names with their places."""

    kind: str
    name: str
    steps: Sequence[tuple[str, Spot]]
    spot: Spot

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.steps]


@dataclass(frozen=True)
class Subject:
    """What is checked: the whole of it, or (for rules on single entries) one provider's part.

    `sections` are LiteLLM's top-level sections without `model_list`; `written` is a config file's `model_list` as
    it stands, `entries` are those of it that LiteLLM can read (likewise aliases and chains). `open` says that models
    may also stand in LiteLLM's database. `environ` is None where the environment of this process says nothing about
    that of the workers, `machine` where nobody can see which files LiteLLM will find.
    """

    kind: Kind
    today: date
    written: Sequence[Any] = ()
    entries: Sequence[Entry] = ()
    aliases: Sequence[Alias] = ()
    chains: Sequence[Chain] = ()
    sections: Mapping[str, Any] = field(default_factory=dict)
    section_spot: Callable[[Steps], Spot] | None = None
    open: bool = False
    settings: Policy = NONE
    environ: Mapping[str, str] | None = None
    custom_prefixes: frozenset[str] = frozenset()  # providers that `custom_provider_map` adds
    parts: Sequence[Subject] = ()  # of a catalog: its providers, each of which is kept until it changes
    machine: Machine | None = None
    _made: dict[Callable[[Subject], Any], Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def once(self, make: Callable[[Subject], T]) -> T:
        """What `make` says of it; asked once, whichever rules need it."""
        if make not in self._made:
            self._made[make] = make(self)
        found: T = self._made[make]
        return found

    def at(self, *path: str | int, value: bool = False) -> Spot:
        """Where a key of a section is written."""
        assert self.section_spot is not None
        spot = self.section_spot(path)
        return Spot(spot.document, spot.path, value)

    @cached_property
    def texts(self) -> Sequence[tuple[tuple[str | int, ...], str]]:
        """Every text in the sections, with its path."""
        return [(path, value) for path, value in walk(self.sections) if isinstance(value, str)]

    def has_key(self, name: str) -> bool:
        """Whether a config file has this key at its top, empty or not."""
        return (
            self.section_spot is not None and bool(self.at(name).document.data) and name in self.at(name).document.data
        )

    def section(self, name: str) -> Mapping[str, Any]:
        """A section that is a mapping; empty when there is none such."""
        value = self.sections.get(name)
        return value if isinstance(value, Mapping) else {}

    @cached_property
    def groups(self) -> Mapping[str, list[Entry]]:
        found: dict[str, list[Entry]] = {}
        for part in self.parts:
            shared = found.keys() & part.groups.keys()
            found.update(
                part.groups if not shared else {**part.groups, **{n: found[n] + part.groups[n] for n in shared}}
            )
        for entry in self.entries if not self.parts else ():
            found.setdefault(entry.group, []).append(entry)
        return found

    @cached_property
    def ids(self) -> frozenset[str]:
        return frozenset(str(entry.info["id"]) for entry in self.entries if entry.info.get("id") is not None)

    def has_model(self, name: str) -> bool:
        if name in self.groups or name in self.ids:
            return True
        return bool(self.wildcards) and lookup.by_wildcard(self.wildcards, name) is not None

    @cached_property
    def wildcards(self) -> Sequence[str]:
        if self.parts:
            return list(dict.fromkeys(name for part in self.parts for name in part.wildcards))
        return [name for name in self.groups if "*" in name]

    @cached_property
    def with_credential(self) -> Sequence[Entry]:
        """The entries that name a credential."""
        if self.parts:
            return [entry for part in self.parts for entry in part.with_credential]
        return [entry for entry in self.entries if entry.params.get("litellm_credential_name")]


class Joined(Sequence[Entry]):
    """The entries of all parts in a row."""

    def __init__(self, parts: Sequence[Subject]) -> None:
        self._parts = parts

    def __len__(self) -> int:
        return sum(len(part.entries) for part in self._parts)

    def __iter__(self) -> Iterator[Entry]:
        for part in self._parts:
            yield from part.entries

    def __getitem__(self, index: Any) -> Any:
        return list(self)[index]


def custom_prefixes(sections: Mapping[str, Any]) -> frozenset[str]:
    """Providers that a config's `custom_provider_map` adds to LiteLLM's own."""
    settings = sections.get("litellm_settings")
    known = settings.get("custom_provider_map") if isinstance(settings, Mapping) else None
    found = (each.get("provider") for each in known if isinstance(each, Mapping)) if isinstance(known, list) else ()
    return frozenset(name for name in found if isinstance(name, str))


def walk(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Every scalar below `value`, with its path."""
    if not isinstance(value, Mapping | list):
        yield path, value
        return
    for step, each in value.items() if isinstance(value, Mapping) else enumerate(value):
        if each.__class__ in (dict, list):
            yield from walk(each, (*path, step))
        else:
            yield (*path, step), each


def nearest(name: str, known: Collection[str]) -> str | None:
    """A hint with the nearest known name, when one is near enough to be meant."""
    near = modelctl.text.nearest.nearest(name, known)
    return f"did you mean `{near}`?" if near else None
