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
from modelctl.check.rules.malformed_entry import shape
from modelctl.check.rules.malformed_fallback import SECTIONS, step_name
from modelctl.check.subject import Subject, custom_prefixes
from modelctl.state.desired import FALLBACK_KINDS

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
        list(_chains(config, place)), sections, place, _in_database(config), settings, environ,
        custom_prefixes(sections),
    )  # fmt: skip


def _section(config: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = config.get(name)
    return value if isinstance(value, Mapping) else {}


def _in_database(config: Mapping[str, Any]) -> bool:
    store_model_in_db = _section(config, "general_settings").get("store_model_in_db")
    return bool(store_model_in_db) or os.environ.get("STORE_MODEL_IN_DB", "").lower() == "true"


def _entries(written: list[Any], place: _Place, pieces: Sequence[Piece | None]) -> Iterator[Entry]:
    """Those that LiteLLM can read."""
    apart = pieces or [None] * len(written)
    for index, (entry, piece) in enumerate(zip(written, apart, strict=True)):
        found = _entry(entry, _below(place, "model_list", index)) if piece is None else _kept(piece, entry)
        if found is not None:
            yield found


def _kept(piece: Piece, entry: Any) -> Entry | None:
    if not piece.judged:
        piece.entry, piece.judged = _entry(entry, lambda path: Spot(piece, (*piece.root, *path))), True
    found: Entry | None = piece.entry
    return found


def _entry(entry: Any, here: _Place) -> Entry | None:
    if shape(entry) is not None:
        return None
    extra = {key: value for key, value in entry.items() if key not in _KEYS}
    info = entry.get("model_info") or {}
    tags = entry["litellm_params"].get("tags")
    return Entry(entry["model_name"], entry["litellm_params"], info, here, extra, tags if _names(tags) else ())


_KEYS = ("model_name", "litellm_params", "model_info")


def _below(place: _Place, *start: str | int) -> _Place:
    return lambda path: place((*start, *path))


def _names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _aliases(config: Mapping[str, Any], place: _Place) -> Iterator[Alias]:
    aliases = _section(config, "router_settings").get("model_group_alias")
    for name, value in aliases.items() if isinstance(aliases, Mapping) else ():
        target = value.get("model") if isinstance(value, Mapping) else value
        if isinstance(target, str) and not (isinstance(value, Mapping) and "hidden" not in value):
            spot = place(("router_settings", "model_group_alias", name))
            yield Alias(str(name), target, spot, f"alias `{name}`", spot)


def _chains(config: Mapping[str, Any], place: _Place) -> Iterator[Chain]:
    for section in SECTIONS:
        for kind in FALLBACK_KINDS:
            written = _section(config, section).get(kind)
            for index, each in enumerate(written if isinstance(written, list) else ()):
                if isinstance(each, Mapping) and len(each) == 1:
                    for name, chain in each.items():
                        yield _chain(kind, str(name), chain, place((section, kind, index, name)))
        default = _section(config, section).get("default_fallbacks")
        yield _chain("default_fallbacks", "*", default, place((section, "default_fallbacks")))


def _chain(kind: str, name: str, chain: Any, spot: Spot) -> Chain:
    written = chain if isinstance(chain, list) else []
    steps = [(found, spot.inside(index)) for index, step in enumerate(written) if (found := step_name(step))]
    return Chain(kind, name, [(found, at) for found, at in steps if isinstance(found, str)], spot)
