"""A draft of the catalog: the content of its files, and notes on the config's fields."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from modelctl.importer import catalog_texts, chains
from modelctl.importer.aliases import ImportedAlias, hijacked, read_aliases, settled
from modelctl.importer.chains import Chains
from modelctl.importer.entries import ImportedEntry, read_entries
from modelctl.importer.fields import Notes, Refused
from modelctl.importer.providers import WrittenProviders, write_providers
from modelctl.importer.proxy_sections import read_sections
from modelctl.importer.public_names import PublicNames
from modelctl.litellm_spec.config import KeyPath, may_be_in_database, section


@dataclass(frozen=True)
class ImportDraft:
    """The files by their path; `entries` are what they are to compile to."""

    files: Mapping[str, WrittenProviders]
    entries: list[ImportedEntry]
    notes: Notes

    @cached_property
    def texts(self) -> dict[str, str]:
        return {name: catalog_texts.yaml_text(written.data) for name, written in self.files.items()}


def draft_of(config: Mapping[str, Any], refused: Refused, secrets: Notes, today: date) -> ImportDraft:
    """`refused` is what check found in the try before; `secrets` are the notes on what was replaced."""
    notes = copy.deepcopy(secrets)
    entries = read_entries(config.get("model_list") or [], refused, notes)
    aliases = read_aliases(config, notes)
    entries = _reachable(entries, aliases, notes)
    names = _names(config, entries, {name: alias.target for name, alias in aliases.items()})
    aliases = settled(aliases, names, refused, notes)
    names = _names(config, entries, {name: alias.target for name, alias in aliases.items()})
    found = chains.ChainReader(config, names, refused, notes).read()
    files = {f"providers/{name}.yaml": provider for name, provider in write_providers(entries, found, today).items()}
    proxy = {**_default(found, refused, notes), **read_sections(config, refused, notes)}
    if aliases:
        files["routes.yaml"] = _routes(aliases, found)
    if proxy or not files:  # a catalog without models is one as long as it has this file
        files["proxy.yaml"] = _proxy(proxy)
    return ImportDraft(files, entries, notes)


def _names(config: Mapping[str, Any], entries: list[ImportedEntry], aliases: Mapping[str, str]) -> PublicNames:
    groups = section(config, "router_settings").get("routing_groups")
    routing = (
        {group.get("group_name") for group in groups if isinstance(group, Mapping)} if isinstance(groups, list) else ()
    )
    return PublicNames(tuple(entries), aliases, frozenset(map(str, routing)), may_be_in_database(config))


def _reachable(entries: list[ImportedEntry], aliases: Mapping[str, ImportedAlias], notes: Notes) -> list[ImportedEntry]:
    """The entries, without groups that an alias of the same name hides."""
    hidden = hijacked(aliases, {entry.group: None for entry in entries})
    asked_for = {alias.target for alias in aliases.values()}
    for entry in entries:
        if entry.group in hidden:
            text = f"the alias `{entry.group}` takes its requests"
            if entry.group in asked_for:
                notes.lost(entry.path, f"{text}; another alias still leads here, and a catalog has each name once")
            else:
                notes.no_effect(entry.path, f"{text}: none reaches it")
    return [entry for entry in entries if entry.group not in hidden]


def _routes(aliases: Mapping[str, ImportedAlias], found: Chains) -> WrittenProviders:
    written = WrittenProviders()
    for name, alias in aliases.items():
        body: dict[str, Any] = {"target": alias.target, **({"hidden": True} if alias.hidden else {})}
        for kind, by_name in found.by_kind.items():
            if name in by_name:
                body[kind] = by_name[name]
                written.origins[name, kind] = [(kind, name)]
            elif alias.target in by_name:
                body[kind] = []  # LiteLLM does not give an alias the fallbacks of its target
        written.data[name] = body
        written.origins[(name,)] = [alias.path]
    return written


def _default(found: Chains, refused: Refused, notes: Notes) -> dict[str, Any]:
    if why := refused.get(("default_fallbacks",)):
        notes.refused(("litellm_settings", "default_fallbacks"), why)
        return {}
    return {"default_fallbacks": found.default} if found.default else {}


def _proxy(data: dict[str, Any]) -> WrittenProviders:
    origins: dict[KeyPath, list[KeyPath]] = {}
    for name, value in data.items():
        origins[(name,)] = [(name,)]
        if isinstance(value, dict):
            origins |= {(name, key): [(name, key)] for key in value}
    return WrittenProviders(data, origins)
