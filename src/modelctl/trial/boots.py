"""Findings for a LiteLLM that does not start on a config: its message, and the part of the config at fault."""

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


def boots(before: Side, after: Side, config: Mapping[str, Any], place: Place, *, told: Checked) -> Iterator[Finding]:
    """And what `check` says differently of the two; what it knows of a part that stops the start is said with that."""
    either = {culprit.path for culprit in after.culprits}
    alone = [culprit for culprit in before.culprits if culprit.path not in either]
    if before.failed is not None and (alone or not before.culprits):
        kind: Kind = "gained" if after.failed is None else "changed"
        yield from _failed(replace(before, culprits=alone), kind, config, place)
    stops = [] if after.failed is None else list(_failed(after, "lost", config, place, other=before, told=told))
    yield from stops
    explained = {stop.place for stop in stops if stop.place}
    yield from (
        difference
        for difference in told.differences()
        if difference.kind != "lost" or difference.place not in explained
    )


def _failed(
    side: Side,
    kind: Kind,
    config: Mapping[str, Any],
    place: Place,
    *,
    other: Side | None = None,
    told: Checked | None = None,
) -> Iterator[Finding]:
    if not side.culprits:
        text = f"LiteLLM {side.litellm} does not start on this config: {side.failed}"
        yield Finding(kind, "boot", side.litellm, text)
    alike = {culprit.path for culprit in other.culprits} if other else set()
    for culprit in side.culprits:
        nor = f", nor does {other.litellm}" if other and culprit.path in alike else ""
        where = place(culprit.path)
        known = told.error_at(where) if told and where else None
        text = f"LiteLLM {side.litellm} does not start with it{nor}: {culprit.message}"
        more = (known.advice, known.hint) if known else (None, None)
        yield Finding(kind, "boot", name_of(config, culprit), text, None, None, where, *more)


def name_of(config: Mapping[str, Any], culprit: Culprit) -> str:
    """A model by its name, a setting by its path; what stands below by its own path after that."""
    section, *rest = culprit.path
    if section != "model_list" or not rest:
        return path_text(culprit.path)
    entry = config["model_list"][rest[0]]
    name = str(entry.get("model_name")) if isinstance(entry, dict) else f"entry {rest[0] + 1} of model_list"
    return f"{name}: {path_text(rest[1:])}" if rest[1:] else name
