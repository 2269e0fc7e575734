"""What a revision consists of as a store keeps it, and what of it is old: the same for every store."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from modelctl.state import desired_json
from modelctl.state.desired import Deployment, DesiredState

KEEP_REVISIONS = 50
SWEEP_EVERY = 10  # revisions: a sweep reads all manifests
STRETCHES = "stretches"  # of a manifest as it is stored, in place of `deployments`


def bodies(desired: DesiredState, live: DesiredState | None) -> dict[str, tuple[str, Callable[[], str]]]:
    """The bodies of a state that `live` does not have: digest -> kind, and a function that makes the text."""
    before = live or DesiredState({})
    there = {provider.digest for provider in before.providers}
    found: dict[str, tuple[str, Callable[[], str]]] = {}
    for name, ids in desired.stretches.items() if len(desired.stretches) > 1 else ():
        if name not in before.stretches or len(before.stretches) == 1:
            found[name] = "stretch", partial(json.dumps, ids)
    for one in desired.beyond(before):
        found[one.id] = "deployment", partial(_deployment, one)
    for provider in desired.providers:
        if provider.digest not in there:
            found[provider.digest] = "provider", partial(getattr, provider, "body")
    return found


def _deployment(deployment: Deployment) -> str:
    return json.dumps(deployment.to_dict())


def stored(desired: DesiredState) -> str:
    """The manifest; in place of a long list of ids its stretches, which are bodies of their own."""
    if len(desired.stretches) > 1:
        written = {**desired_json.beside_ids(desired), STRETCHES: list(desired.stretches)}
    else:
        written = desired_json.manifest(desired)
    return json.dumps(written, separators=(",", ":"))


def read_back(text: str, stretches: Callable[[Iterable[str]], Mapping[str, list[str]]]) -> dict[str, Any] | None:
    """The manifest as published; None where a stretch is missing. `stretches` reads those that are there."""
    data: dict[str, Any] = json.loads(text)
    names = data.pop(STRETCHES, None)
    if names is not None:
        ids = stretches(names)
        if len(ids) < len(names):
            return None
        data["deployments"] = [id_ for name in names for id_ in ids[name]]
    return data


def used(manifests: Iterable[str], stretches: Callable[[Iterable[str]], Mapping[str, list[str]]]) -> set[str]:
    """Every digest that these stored manifests name."""
    read = [json.loads(text) for text in manifests]
    named = {name for each in read for name in each.get(STRETCHES, ())}
    ids = (id_ for stretch in stretches(named).values() for id_ in stretch)
    others = (name for each in read for name in (*each.get("deployments", ()), *each["providers"]))
    return {*named, *ids, *others}


def superfluous(there: Iterable[str], needed: set[str]) -> set[str]:
    """Bodies that no kept revision names, once they outnumber those that are named."""
    gone = set(there) - needed
    return gone if len(gone) > len(needed) else set()
