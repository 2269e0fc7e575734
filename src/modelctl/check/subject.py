"""What rules look at: one read-only view of a catalog and of a LiteLLM config file.

A rule sees what LiteLLM would read (`model_list` entries, aliases, fallbacks, sections). Where that stands
in a file is worked out only once a rule has something to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from modelctl.catalog.parse import Document, Steps
from modelctl.check.entry import Alias, Chain, Entry
from modelctl.check.found import Spot
from modelctl.check.policy import NONE, Policy
from modelctl.check.values import walk
from modelctl.litellm_spec import lookup
from modelctl.litellm_spec.machine import Machine

if TYPE_CHECKING:  # a config file does without pydantic
    from modelctl.catalog.compiled_provider import CatalogModel
    from modelctl.check.subject_parts import CatalogPart, ProviderPart

Kind = Literal["catalog", "config"]
T = TypeVar("T")


@dataclass(frozen=True)
class Subject:
    """What is checked: a whole catalog or config, or (for rules on single entries) one provider of a catalog.

    `sections` are LiteLLM's top-level sections without `model_list`; `written` is a config file's `model_list` as
    it stands, `entries` are those that LiteLLM can read (likewise aliases and chains). `open` says that models
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
    parts: Sequence[Subject] = ()  # of a catalog: its providers, each reused until it changes
    machine: Machine | None = None
    models: Sequence[CatalogModel] = ()  # of a catalog's provider: every model, rendered or not
    documents: Sequence[Document] = ()  # of a catalog: the files of the provider, or those of the whole
    provider: ProviderPart | None = None
    catalog: CatalogPart | None = None  # of the whole
    _made: dict[Callable[[Subject], Any], Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def once(self, make: Callable[[Subject], T]) -> T:
        """What `make` returns for this subject; it is called once, however many rules need the result."""
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
