"""A LiteLLM that does not start on a config, as findings: its own words, and which part of the config it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from modelctl.catalog.parse import path_text
from modelctl.trial.checked import Checked
from modelctl.trial.findings import Finding, Kind
from modelctl.trial.narrow import Culprit
from modelctl.trial.side import Side

Place = Callable[[tuple[Any, ...]], str]


def boots(before: Side, after: Side, config: Mapping[str, Any], place: Place, told: Checked) -> Iterator[Finding]:
    """And what `check` says differently of the two; what it knows of a part that stops the start is said with that."""
    either = {each.path for each in after.culprits}
    alone = [each for each in before.culprits if each.path not in either]
    if before.failed is not None and (alone or not before.culprits):
        kind: Kind = "gained" if after.failed is None else "changed"
        yield from _failed(replace(before, culprits=alone), kind, config, place)
    stops = [] if after.failed is None else list(_failed(after, "lost", config, place, before, told))
    yield from stops
    explained = {each.place for each in stops if each.place}
    yield from (each for each in told.differences() if each.kind != "lost" or each.place not in explained)


def _failed(
    side: Side,
    kind: Kind,
    config: Mapping[str, Any],
    place: Place,
    other: Side | None = None,
    told: Checked | None = None,
) -> Iterator[Finding]:
    if not side.culprits:
        text = f"LiteLLM {side.litellm} does not start on this config: {side.failed}"
        yield Finding(kind, "boot", side.litellm, text)
    alike = {each.path for each in other.culprits} if other else set()
    for each in side.culprits:
        nor = f", nor does {other.litellm}" if other and each.path in alike else ""
        where = place(each.path)
        known = told.error_at(where) if told and where else None
        text = f"LiteLLM {side.litellm} does not start with it{nor}: {each.message}"
        more = (known.advice, known.hint) if known else (None, None)
        yield Finding(kind, "boot", name_of(config, each), text, None, None, where, *more)


def name_of(config: Mapping[str, Any], culprit: Culprit) -> str:
    """A model by its name, a setting by its path; what stands below by its own path after that."""
    section, *rest = culprit.path
    if section != "model_list" or not rest:
        return path_text(culprit.path)
    entry = config["model_list"][rest[0]]
    name = str(entry.get("model_name")) if isinstance(entry, dict) else f"entry {rest[0] + 1} of model_list"
    return f"{name}: {path_text(rest[1:])}" if rest[1:] else name
