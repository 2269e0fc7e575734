"""Stores revisions and their bodies in one transaction, and removes old ones."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from modelctl.state import desired_json
from modelctl.state.desired import Deployment, DesiredState

KEEP_REVISIONS = 50
SWEEP_EVERY = 10  # revisions: a sweep reads all manifests
STRETCHES = "stretches"  # of a manifest as it is stored, in place of `deployments`


def keep(db: sqlite3.Connection, desired: DesiredState, live: DesiredState | None = None) -> None:
    """Insert the bodies that are new, and drop what only long-gone revisions used.

    What is new is asked of the database each time: other processes sweep it as well. Only of what `live` names, the
    revision that the head stands on, is known that no sweep has taken it.
    """
    bodies = _bodies(desired, live)
    new = missing(db, bodies)
    rows = [(name, kind, make()) for name, (kind, make) in bodies.items() if name in new]
    db.executemany("INSERT OR IGNORE INTO body VALUES (?, ?, ?)", rows)
    values = (desired.revision, time.time(), json.dumps(_stored(desired), separators=(",", ":")))
    added = db.execute("INSERT OR REPLACE INTO revision VALUES (?, ?, ?)", values).lastrowid or 0
    # By rowid, which a replaced row gets anew, and not by time: a clock that steps back makes the newest row look old.
    stale = "SELECT rowid FROM revision ORDER BY rowid DESC LIMIT -1 OFFSET ?"
    gone = db.execute(f"DELETE FROM revision WHERE rowid IN ({stale})", (KEEP_REVISIONS,)).rowcount
    if gone and added % SWEEP_EVERY == 0:
        _sweep(db)


def _bodies(desired: DesiredState, live: DesiredState | None) -> dict[str, tuple[str, Callable[[], str]]]:
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


def _stored(desired: DesiredState) -> dict[str, Any]:
    """The manifest; in place of a long list of ids its stretches, which are bodies of their own."""
    if len(desired.stretches) > 1:
        return {**desired_json.beside_ids(desired), STRETCHES: list(desired.stretches)}
    return desired_json.manifest(desired)


def manifest(db: sqlite3.Connection, revision: str) -> dict[str, Any] | None:
    """The revision as published; None where it is unknown or incomplete."""
    row = db.execute("SELECT manifest FROM revision WHERE revision = ?", (revision,)).fetchone()
    if row is None:
        return None
    data: dict[str, Any] = json.loads(row[0])
    names = data.pop(STRETCHES, None)
    if names is not None:
        ids = stretches(db, names)
        if len(ids) < len(names):
            return None
        data["deployments"] = [id_ for name in names for id_ in ids[name]]
    return data


def stretches(db: sqlite3.Connection, names: Iterable[str]) -> dict[str, list[str]]:
    """The digests whose bodies are stored."""
    statement = "SELECT digest, body FROM body WHERE digest IN (SELECT value FROM json_each(?))"
    return {name: json.loads(body) for name, body in db.execute(statement, (json.dumps(list(names)),))}


def is_whole(db: sqlite3.Connection, revision: str) -> bool:
    """Whether a published revision can be read back."""
    found = manifest(db, revision)
    return found is not None and not missing(db, (*found["deployments"], *found["providers"]))


def missing(db: sqlite3.Connection, digests: Iterable[str]) -> set[str]:
    """The digests whose bodies are not stored; half a millisecond for 1,000."""
    statement = "SELECT value FROM json_each(?) WHERE NOT EXISTS (SELECT 1 FROM body WHERE digest = value)"
    return {digest for (digest,) in db.execute(statement, (json.dumps(list(digests)),))}


def _sweep(db: sqlite3.Connection) -> None:
    """Delete bodies that no kept revision names, once they outnumber those that are named."""
    manifests = [json.loads(text) for (text,) in db.execute("SELECT manifest FROM revision")]
    named = {name for each in manifests for name in each.get(STRETCHES, ())}
    ids = (id_ for stretch in stretches(db, named).values() for id_ in stretch)
    others = (name for each in manifests for name in (*each.get("deployments", ()), *each["providers"]))
    used = {*named, *ids, *others}
    gone = {digest for (digest,) in db.execute("SELECT digest FROM body")} - used
    if len(gone) > len(used):
        db.executemany("DELETE FROM body WHERE digest = ?", [(digest,) for digest in gone])
