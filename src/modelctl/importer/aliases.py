"""Aliases -> routes: those that LiteLLM can follow, each to a public name of the catalog."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from modelctl.importer.fields import Notes, Refused
from modelctl.importer.public_names import PublicNames
from modelctl.litellm_spec.config import (
    ALIASES,
    KeyPath,
    aliases_in,
    section,
)


@dataclass(frozen=True)
class ImportedAlias:
    name: str
    target: str
    hidden: bool

    @property
    def path(self) -> KeyPath:
        return (*ALIASES, self.name)


def read_aliases(config: Mapping[str, Any], notes: Notes) -> dict[str, ImportedAlias]:
    """The aliases that LiteLLM can follow, as they are written."""
    written = section(config, ALIASES[0]).get(ALIASES[1])
    if written is not None and not isinstance(written, Mapping):
        notes.no_effect(ALIASES, "no mapping: LiteLLM does not start on it")
    found = {}
    for alias in aliases_in(config):
        if not alias.target:
            notes.no_effect(alias.path, "an alias maps to one model name; LiteLLM fails on each call of this one")
        elif alias.target == alias.name:
            notes.no_effect(alias.path, "an alias of its own name")
        else:
            if alias.hidden is None:
                notes.changed(alias.path, "with `hidden: false`, without which LiteLLM does not start")
            found[alias.name] = ImportedAlias(alias.name, alias.target, alias.hidden is True)
    return found


def hijacked(aliases: Mapping[str, ImportedAlias], groups: Mapping[str, Any]) -> set[str]:
    """Groups whose name is an alias: requests go where the alias points, the group is out of reach."""
    return {name for name in groups if name in aliases}


def settled(
    aliases: Mapping[str, ImportedAlias], names: PublicNames, refused: Refused, notes: Notes
) -> dict[str, ImportedAlias]:
    """The aliases that lead somewhere, each to a public name of the catalog."""
    found = {}
    for alias in aliases.values():
        kind, target = names.found(alias.target, alias=False, id_=False)
        if alias.path in refused:
            notes.refused(alias.path, refused[alias.path])
        elif alias.name.startswith("x-"):
            notes.lost(alias.path, "in a catalog `x-` names hold anchors, a route cannot have one")
        elif kind in ("routing-group", "database", "part"):
            notes.lost(alias.path, f"points to `{alias.target}`, {NO_MODEL[kind]}")
        elif kind == "nothing":
            reason = "another alias: LiteLLM follows one" if alias.target in aliases else "which does not exist"
            notes.no_effect(alias.path, f"points to `{alias.target}`, {reason}")
        else:
            if kind == "model":
                notes.changed(alias.path, f"`{alias.target}` is a model string; LiteLLM finds it in group `{target}`")
            elif target != alias.target:
                notes.changed(alias.path, f"LiteLLM looks for `{alias.target}` as `{target}`: written so")
            found[alias.name] = ImportedAlias(alias.name, target, alias.hidden)
    return found


NO_MODEL = {
    "routing-group": "a routing group, and a catalog's names are models",
    "database": "which only LiteLLM's database may know",
    "part": "which is a part of a group, and a catalog names groups",
}
