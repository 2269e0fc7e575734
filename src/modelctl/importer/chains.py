"""Aliases and fallbacks -> routes, and the chain of each public name: worked out as LiteLLM would look them up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from modelctl.check.subject import custom_prefixes
from modelctl.importer.fields import KeyPath, Notes, Refused
from modelctl.importer.public_names import PublicNames
from modelctl.litellm_spec.lookup import fallback_key, may_serve
from modelctl.state.desired import FALLBACK_KINDS

SECTIONS = ("router_settings", "litellm_settings")  # the first of them with a value counts
ALIASES = ("router_settings", "model_group_alias")
_DEFAULT = "default_fallbacks"


@dataclass(frozen=True)
class ImportedAlias:
    name: str
    target: str
    hidden: bool

    @property
    def path(self) -> KeyPath:
        return (*ALIASES, self.name)


@dataclass
class Chains:
    """Kind -> public name or alias -> fallbacks; `default` are those of every model without its own.

    `served` are the names that only a wildcard takes, each with the wildcard that they are written on.
    """

    by_kind: dict[str, dict[str, list[str]]] = field(default_factory=lambda: {kind: {} for kind in FALLBACK_KINDS})
    served: dict[str, str] = field(default_factory=dict)
    paths: dict[tuple[str, str], KeyPath] = field(default_factory=dict)  # (kind, name) -> where it is written
    default: list[str] = field(default_factory=list)


def section(config: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = config.get(name)
    return value if isinstance(value, Mapping) else {}


# -- aliases -----------------------------------------------------------------------------------


def read_aliases(config: Mapping[str, Any], notes: Notes) -> dict[str, ImportedAlias]:
    """The aliases that LiteLLM can follow, as they are written."""
    written = section(config, ALIASES[0]).get(ALIASES[1])
    if written is not None and not isinstance(written, Mapping):
        notes.no_effect(ALIASES, "no mapping: LiteLLM does not start on it")
    found = {}
    for name, value in written.items() if isinstance(written, Mapping) else ():
        target = value.get("model") if isinstance(value, Mapping) else value
        if not isinstance(target, str) or not target:
            notes.no_effect((*ALIASES, name), "an alias maps to one model name; LiteLLM fails on each call of this one")
        elif target == name:
            notes.no_effect((*ALIASES, name), "an alias of its own name")
        else:
            if isinstance(value, Mapping) and "hidden" not in value:
                notes.changed((*ALIASES, name), "with `hidden: false`, without which LiteLLM does not start")
            found[name] = ImportedAlias(name, target, isinstance(value, Mapping) and value.get("hidden") is True)
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
            notes.lost(alias.path, f"points to `{alias.target}`, {_WHY[kind]}")
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


_WHY = {
    "routing-group": "a routing group, and a catalog's names are models",
    "database": "which only LiteLLM's database may know",
    "part": "which is a part of a group, and a catalog names groups",
}


# -- fallbacks ---------------------------------------------------------------------------------


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
        written = [(name, section(self.config, name)[key]) for name in SECTIONS if key in section(self.config, name)]
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

    def _items(self, path: KeyPath, value: Any) -> Iterator[tuple[str, tuple[KeyPath, list[Any]]]]:
        """Model -> where its chain stands, and the chain. Of a model written twice, the first counts."""
        if not isinstance(value, list):
            self.notes.no_effect(path, "no list of mappings: LiteLLM reads no fallbacks here")
            return
        seen: set[str] = set()
        for index, item in enumerate(value):
            if not isinstance(item, Mapping) or not item or (len(item) > 1 and path[1] != "context_window_fallbacks"):
                text = "LiteLLM does not start on an entry that is no mapping with one key"
                self.notes.no_effect((*path, index), text)
                continue
            name = next(iter(item))  # LiteLLM looks at the first key alone
            here = (*path, index, name)
            if not isinstance(item[name], list):
                self.notes.no_effect(here, "no list: LiteLLM tries its letters one by one, in vain")
            elif name in seen and name != "*":
                self.notes.no_effect(here, f"`{name}` has fallbacks further up, which count")
            else:
                seen.add(name)
                yield name, (here, item[name])

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
        return any(section(self.config, name).get(_DEFAULT) for name in SECTIONS)

    def _default(self, chains: Chains) -> None:
        for path, value in self._counting(_DEFAULT):
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

    def _step(self, step: Any, path: KeyPath) -> str | None:
        name = step.get("model") if isinstance(step, Mapping) else step
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
        if kind in _WHY:
            self.notes.lost(path, f"falls back to `{name}`, {_WHY[kind]}")
            return None
        if kind in ("alias", "model", "id"):
            what = {"alias": "an alias", "model": "a model string", "id": "an id"}[kind]
            self.notes.changed(path, f"`{name}` is {what}: written as `{found}`, the model that it leads to")
        return found
