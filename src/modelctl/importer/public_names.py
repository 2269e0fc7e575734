"""Resolves a name as LiteLLM does: a group, an alias, a wildcard, an id, a model string, or nothing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from modelctl.importer.entries import ImportedEntry
from modelctl.litellm_spec import lookup

Kind = Literal["group", "alias", "wildcard", "id", "model", "part", "routing-group", "database", "nothing"]


@dataclass(frozen=True)
class PublicNames:
    """`open` says that models may also stand in LiteLLM's database."""

    entries: tuple[ImportedEntry, ...]
    aliases: Mapping[str, str]
    routing_groups: frozenset[str] = frozenset()
    open: bool = False

    @cached_property
    def groups(self) -> Mapping[str, list[ImportedEntry]]:
        found: dict[str, list[ImportedEntry]] = {}
        for entry in self.entries:
            found.setdefault(entry.group, []).append(entry)
        return found

    @cached_property
    def wildcards(self) -> list[str]:
        return [name for name in self.groups if "*" in name]

    @cached_property
    def open_ended(self) -> frozenset[str]:
        """Wildcards that no request can name: the provider would be asked for a model `*` (rule `wildcard-target`)."""
        return frozenset(name for name in self.wildcards if all("*" in entry.model for entry in self.groups[name]))

    @cached_property
    def _by_model(self) -> Mapping[str, set[str]]:
        found: dict[str, set[str]] = {}
        for entry in self.entries:
            found.setdefault(entry.model, set()).add(entry.group)
        return found

    @cached_property
    def _by_id(self) -> Mapping[str, ImportedEntry]:
        return {entry.id: entry for entry in self.entries if entry.id is not None}

    def found(self, name: str, *, alias: bool = True, id_: bool = True) -> tuple[Kind, str]:
        """What `name` is, and the public name that a catalog says instead, in the order in which LiteLLM looks.

        Behind an alias LiteLLM looks for neither another alias nor an id.
        """
        if alias and name in self.aliases:
            return "alias", self.aliases[name]
        if name in self.groups:
            return "group", name
        if id_ and name in self._by_id:
            group = self._by_id[name].group
            return ("id" if len(self.groups[group]) == 1 else "part"), group
        if name in self.routing_groups:
            return "routing-group", name
        if served := lookup.by_wildcard(self.wildcards, name):
            return "wildcard", served
        return self._model(name)

    def has_string(self, key: str, custom: Collection[str]) -> bool:
        """Whether fallbacks of this key are for requests that ask for a deployment's model string."""
        return any(lookup.fallback_key(model, {key}, custom) for model in self._by_model)

    def _model(self, name: str) -> tuple[Kind, str]:
        """LiteLLM's last resort: the deployments with this very model string."""
        groups = self._by_model.get(name, set())
        if not groups:
            return ("database" if self.open else "nothing"), name
        group = min(groups)
        whole = len(groups) == 1 and all(entry.model == name for entry in self.groups[group])
        return ("model" if whole else "part"), group
