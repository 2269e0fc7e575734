"""Fallbacks -> the chain of each public name and alias, worked out as LiteLLM looks them up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from modelctl.importer.aliases import NO_MODEL
from modelctl.importer.fields import Notes, Refused
from modelctl.importer.public_names import PublicNames
from modelctl.litellm_spec.config import (
    CHAIN_SECTIONS,
    DEFAULT_FALLBACKS,
    FALLBACK_KINDS,
    KeyPath,
    chains_of,
    custom_prefixes,
    section,
    step_name,
)
from modelctl.litellm_spec.lookup import fallback_key, may_serve


@dataclass
class Chains:
    """Kind -> public name or alias -> fallbacks; `default` are those of every model without its own.

    `served` are the names that only a wildcard takes, each with the wildcard that they are written on.
    """

    by_kind: dict[str, dict[str, list[str]]] = field(default_factory=lambda: {kind: {} for kind in FALLBACK_KINDS})
    served: dict[str, str] = field(default_factory=dict)
    paths: dict[tuple[str, str], KeyPath] = field(default_factory=dict)  # (kind, name) -> where it is written
    default: list[str] = field(default_factory=list)


@dataclass
class ChainReader:
    """Reads every kind of fallback of one config."""

    config: Mapping[str, Any]
    names: PublicNames
    refused: Refused
    notes: Notes

    @cached_property
    def custom(self) -> frozenset[str]:
        return custom_prefixes(self.config)

    def read(self) -> Chains:
        chains = Chains()
        for kind in FALLBACK_KINDS:
            self._kind(kind, chains)
        self._default(chains)
        return chains

    def _counting(self, key: str) -> Iterator[tuple[KeyPath, Any]]:
        """The value of the section that counts; the other section is noted as without effect."""
        sections = [(name, section(self.config, name)) for name in CHAIN_SECTIONS]
        written = [(name, found[key]) for name, found in sections if key in found]
        for name, value in written:
            if not value:
                self.notes.no_effect((name, key), "empty")
        written = [(name, value) for name, value in written if value]
        for name, _ in written[1:]:
            self.notes.no_effect((name, key), f"`{written[0][0]}.{key}` counts")
        yield from (((name, key), value) for name, value in written[:1])

    def _kind(self, kind: str, chains: Chains) -> None:
        for path, value in self._counting(kind):
            items = dict(self._items(path, value))
            generic = items.pop("*", None)
            names = (*self.names.groups, *self.names.aliases)
            keys = {name: fallback_key(name, items, self.custom) for name in names}
            for name, key in keys.items():
                if key is not None:
                    self._put(chains, kind, name, items[key], loose=key != name)
                elif generic and kind != "fallbacks":
                    self._everywhere(generic[0])
                    self._put(chains, kind, name, generic)
            used = set(keys.values())
            for key in [key for key in items if key not in used]:
                self._of_no_entry(chains, kind, key, items[key])
            if generic and kind == "fallbacks":
                chains.default = self._steps(generic[0], generic[1], "*")
            if kind != "fallbacks" and not chains.by_kind[kind]:
                text = "nothing is left of it; LiteLLM then tries `fallbacks` in its place"
                self.notes.changed(path, text)

    def _everywhere(self, path: KeyPath) -> None:
        """A catalog has no such chain: it is written on each name, and a wildcard serves names that nobody wrote."""
        wildcard = next((group for group in self.names.groups if "*" in group), None)
        if wildcard is None:
            self.notes.changed(path, "written on every model and route")
        else:
            text = f"written on every model and route, but names that only `{wildcard}` serves had it too"
            self.notes.lost(path, text)

    def _items(self, path: KeyPath, value: object) -> Iterator[tuple[str, tuple[KeyPath, list[Any]]]]:
        """Model -> where its chain stands, and the chain. Of a model written twice, the first counts."""
        if not isinstance(value, list):
            self.notes.no_effect(path, "no list of mappings: LiteLLM reads no fallbacks here")
            return
        seen: set[str] = set()
        for chain in chains_of(value, path):
            name, here = chain.name, chain.path
            if name is None or not (chain.alone or chain.kind == "context_window_fallbacks"):
                text = "LiteLLM does not start on an entry that is no mapping with one key"
                self.notes.no_effect(here[:3], text)
            elif chain.steps is None:
                self.notes.no_effect(here, "no list: LiteLLM tries its letters one by one, in vain")
            elif name in seen and name != "*":
                self.notes.no_effect(here, f"`{name}` has fallbacks further up, which count")
            else:
                seen.add(name)
                yield name, (here, chain.steps)

    def _of_no_entry(self, chains: Chains, kind: str, name: str, written: tuple[KeyPath, list[Any]]) -> None:
        path, wildcard = written[0], next((each for each in self.names.wildcards if may_serve(each, name)), None)
        if wildcard is not None:
            chains.served[name] = wildcard
            self._put(chains, kind, name, written)
        elif self.names.open:
            self.notes.lost(
                path, f"`{name}` may stand in LiteLLM's database, where a catalog has no model to write it on"
            )
        elif self.names.has_string(name, self.custom):
            self.notes.lost(path, f"`{name}` is a model string, and a catalog's fallbacks are of public names")
        else:
            self.notes.no_effect(path, f"there is no model `{name}`")

    def _put(
        self, chains: Chains, kind: str, name: str, written: tuple[KeyPath, list[Any]], *, loose: bool = False
    ) -> None:
        path, steps = written
        if (kind, name) in self.refused:
            self.notes.refused(path, self.refused[kind, name])
            return
        if loose:
            self.notes.changed(path, f"LiteLLM applies it to `{name}`: written there")
        chain = self._steps(path, steps, name)
        if chain:
            chains.by_kind[kind][name] = chain
            chains.paths[kind, name] = path
        elif kind == "fallbacks" and self._has_default():
            self.notes.changed(path, "nothing is left of it: the default fallbacks count in its place")
        elif not steps:
            self.notes.no_effect(path, "empty")

    def _has_default(self) -> bool:
        return any(section(self.config, name).get(DEFAULT_FALLBACKS) for name in CHAIN_SECTIONS)

    def _default(self, chains: Chains) -> None:
        for path, value in self._counting(DEFAULT_FALLBACKS):
            if isinstance(value, list):
                chains.default = self._steps(path, value, "*")
            else:
                self.notes.no_effect(path, "no list: LiteLLM tries its letters one by one, in vain")

    def _steps(self, path: KeyPath, steps: list[Any], owner: str) -> list[str]:
        """The chain in a catalog's form: public names without repetition, and without the name that just failed."""
        target = self.names.aliases.get(owner)
        found: list[str] = []
        for index, step in enumerate(steps):
            here = (*path, index)
            name = self._step(step, here)
            if name is None:
                continue
            if name == owner and step == owner:
                self.notes.no_effect(here, "LiteLLM does not try the model that has just failed")
            elif name in (owner, target):
                self.notes.changed(here, f"`{name}` has just failed: modelctl does not try it again")
            elif name in found:
                self.notes.no_effect(here, f"`{name}` stands twice in this chain; LiteLLM tries it once")
            else:
                found.append(name)
        return found

    def _step(self, step: object, path: KeyPath) -> str | None:
        name = step_name(step)
        if not isinstance(name, str):
            self.notes.no_effect(path, "a fallback is the name of a model")
            return None
        if isinstance(step, Mapping) and len(step) > 1:
            self.notes.lost(path, f"parameters for the fallback to `{name}`: a catalog names the model alone")
        kind, found = self.names.found(name)
        if kind == "nothing":
            self.notes.no_effect(path, f"there is no model `{name}`")
            return None
        if found in self.names.open_ended and kind in ("group", "alias"):
            self.notes.no_effect(
                path, f"falls back to the wildcard `{found}` itself: the provider would be asked for `*`"
            )
            return None
        if kind in NO_MODEL:
            self.notes.lost(path, f"falls back to `{name}`, {NO_MODEL[kind]}")
            return None
        if kind in ("alias", "model", "id"):
            what = {"alias": "an alias", "model": "a model string", "id": "an id"}[kind]
            self.notes.changed(path, f"`{name}` is {what}: written as `{found}`, the model that it leads to")
        return found
