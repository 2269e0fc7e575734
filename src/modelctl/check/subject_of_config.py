"""A config file as rules see it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from modelctl.catalog.parse import Steps
from modelctl.catalog.pieces import Piece
from modelctl.check.entry import Alias, Chain, Entry
from modelctl.check.found import Spot
from modelctl.check.policy import NONE, Policy
from modelctl.check.subject import Subject
from modelctl.litellm_spec.config import (
    ConfigChain,
    aliases_in,
    chains_in,
    custom_prefixes,
    entry_parts,
    malformed,
    may_be_in_database,
    step_name,
)

_Place = Callable[[Steps], Spot]


def subject(
    config: Mapping[str, Any],
    place: _Place,
    today: date = date.min,
    settings: Policy = NONE,
    *,
    environ: Mapping[str, str] | None = None,
    pieces: Sequence[Piece | None] = (),
) -> Subject:
    """`place` tells where a path of the merged config is written; `pieces` are the entries that were read apart."""
    written = config.get("model_list") or []
    sections = {key: value for key, value in config.items() if key != "model_list"}
    return Subject(
        "config", today, written, list(_entries(written, place, pieces)), list(_aliases(config, place)),
        list(_chains(config, place)), sections, place, may_be_in_database(config, os.environ), settings, environ,
        custom_prefixes(sections),
    )  # fmt: skip


def _entries(written: list[Any], place: _Place, pieces: Sequence[Piece | None]) -> Iterator[Entry]:
    """Those that LiteLLM can read."""
    apart = pieces or [None] * len(written)
    for index, (entry, piece) in enumerate(zip(written, apart, strict=True)):
        found = _entry(entry, _below(place, "model_list", index)) if piece is None else _kept(piece, entry)
        if found is not None:
            yield found


def _kept(piece: Piece, entry: object) -> Entry | None:
    if not piece.judged:
        piece.entry, piece.judged = _entry(entry, lambda path: Spot(piece, (*piece.root, *path))), True
    found: Entry | None = piece.entry
    return found


def _entry(entry: Any, here: _Place) -> Entry | None:
    if malformed(entry) is not None:
        return None
    parts = entry_parts(entry)
    tags: Any = parts.params.get("tags")
    return Entry(parts.group, parts.params, parts.info, here, parts.extra, tags if _names(tags) else ())


def _below(place: _Place, *start: str | int) -> _Place:
    return lambda path: place((*start, *path))


def _names(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _aliases(config: Mapping[str, Any], place: _Place) -> Iterator[Alias]:
    for alias in aliases_in(config):
        if alias.target is not None and alias.hidden is not None:
            spot = place(alias.path)
            yield Alias(str(alias.name), alias.target, spot, f"alias `{alias.name}`", spot)


def _chains(config: Mapping[str, Any], place: _Place) -> Iterator[Chain]:
    for chain in chains_in(config):
        if chain.readable:
            yield _chain(chain, place(chain.path))


def _chain(chain: ConfigChain, spot: Spot) -> Chain:
    names = [(step_name(step), spot.inside(index)) for index, step in enumerate(chain.steps or ())]
    return Chain(chain.kind, str(chain.name), [each for each in names if each[0] and isinstance(each[0], str)], spot)
