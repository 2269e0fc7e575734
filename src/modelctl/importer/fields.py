"""The verdict on every field of a config: the values between the importer's steps, and its report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from modelctl.catalog.parse import Steps, path_text
from modelctl.litellm_spec.config import ENTRY_KEYS, FALLBACK_KINDS, KeyPath

Verdict = Literal["exact", "changed", "lost", "no-effect"]
VERDICTS: tuple[Verdict, ...] = ("exact", "changed", "lost", "no-effect")

_ENTRY_PARTS = ENTRY_KEYS[1:]


@dataclass(frozen=True)
class Field:
    """One field of the config (a path in it, includes merged). `place` is file:line:column; no text holds a secret.

    `changed` still means what was meant, said in another way; `no-effect` never meant anything to LiteLLM, or was
    refused by it; `lost` did mean something, and a catalog cannot say it.
    """

    path: KeyPath
    verdict: Verdict
    reason: str = ""
    place: str = ""

    @property
    def shown(self) -> str:
        return path_text(self.path)

    def to_dict(self) -> dict[str, Any]:
        return {"path": self.shown, "verdict": self.verdict, "reason": self.reason, "place": self.place}


@dataclass(frozen=True)
class Variable:
    """An environment variable that is to hold what stood in the config."""

    name: str
    path: KeyPath

    @property
    def shown(self) -> str:
        return path_text(self.path)


@dataclass(frozen=True)
class Imported:
    """The catalog's files (path below its folder -> text), and what became of each field."""

    files: Mapping[str, str]
    fields: tuple[Field, ...]
    variables: tuple[Variable, ...] = ()
    notes: tuple[str, ...] = ()

    def having(self, verdict: Verdict) -> list[Field]:
        return [each for each in self.fields if each.verdict == verdict]

    @property
    def counts(self) -> dict[str, int]:
        return {verdict: len(self.having(verdict)) for verdict in VERDICTS}


@dataclass(frozen=True)
class Refusal:
    """Why check refuses it. `by_litellm`: LiteLLM refuses it as well, so nothing is lost."""

    reason: str
    by_litellm: bool


Refused = Mapping[KeyPath, Refusal]


@dataclass
class Notes:
    """Collects the fields that were not taken over exactly. The first note on a field counts."""

    _said: dict[tuple[KeyPath, Verdict], str] = field(default_factory=dict)

    def changed(self, path: Steps, reason: str) -> None:
        self._said.setdefault((tuple(path), "changed"), reason)

    def lost(self, path: Steps, reason: str) -> None:
        self._said.setdefault((tuple(path), "lost"), reason)

    def no_effect(self, path: Steps, reason: str) -> None:
        self._said.setdefault((tuple(path), "no-effect"), reason)

    def refused(self, path: Steps, why: Refusal) -> None:
        (self.no_effect if why.by_litellm else self.lost)(path, why.reason)

    def fields(self, config: Mapping[str, Any]) -> Iterator[Field]:
        """Every field, in the order of the config; fields without a note are exact."""
        nothing = {path for path, verdict in self._said if verdict == "no-effect"}
        verdicts = {
            (path, verdict): reason
            for (path, verdict), reason in self._said.items()
            if not any(path[:length] in nothing for length in range(1, len(path) + (verdict != "no-effect")))
        }
        spoken = {path for path, _ in verdicts}
        within = {path[:length] for path in spoken for length in range(1, len(path))}
        yield from (Field(path, verdict, reason) for (path, verdict), reason in verdicts.items())
        for path in leaves(config):
            if path not in within and not any(path[:length] in spoken for length in range(1, len(path) + 1)):
                yield Field(path, "exact")


def leaves(config: Mapping[str, Any]) -> Iterator[KeyPath]:
    """The paths that count as a field: a key of a section or of an entry's parameters or info, an alias, a chain."""
    for section, value in config.items():
        if section == "model_list" and isinstance(value, list):
            for index, entry in enumerate(value):
                yield from _of_entry((section, index), entry)
        elif isinstance(value, Mapping) and value:
            for key, item in value.items():
                yield from _of_key((section, key), item)
        else:
            yield (section,)


def _of_key(path: KeyPath, value: object) -> Iterator[KeyPath]:
    if path[-1] == "model_group_alias" and isinstance(value, Mapping) and value:
        yield from ((*path, name) for name in value)
    elif path[-1] in FALLBACK_KINDS and isinstance(value, list) and value:
        for index, item in enumerate(value):
            yield (*path, index, *(list(item)[:1] if isinstance(item, Mapping) else ()))
    else:
        yield path


def _of_entry(path: KeyPath, entry: object) -> Iterator[KeyPath]:
    for key, value in entry.items() if isinstance(entry, Mapping) else ():
        if key in _ENTRY_PARTS and isinstance(value, Mapping):
            yield from ((*path, key, inner) for inner in value)
        else:
            yield (*path, key)
