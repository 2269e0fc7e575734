"""Revisions and their bodies inside one transaction: what is new goes in, what is long gone goes out."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from modelctl.desired import DesiredState

KEEP_REVISIONS = 50
SWEEP_EVERY = 10  # revisions: a sweep reads all manifests


def keep(db: sqlite3.Connection, desired: DesiredState, live: DesiredState | None = None) -> None:
    """Insert the bodies that are new, and drop what only long-gone revisions used.

    What is new is asked of the database each time: other processes sweep it as well. Only of what `live` names, the
    revision that the head stands on, is known that no sweep has taken it.
    """
    there = names(live) if live else set()
    new = missing(db, names(desired) - there)
    rows = [
        (id_, "deployment", json.dumps(asdict(desired.deployments[id_]))) for id_ in desired.deployments.keys() & new
    ]
    rows += [(each.digest, "provider", each.body) for each in desired.providers if each.digest in new]
    db.executemany("INSERT OR IGNORE INTO body VALUES (?, ?, ?)", rows)
    manifest = json.dumps(desired.manifest(), separators=(",", ":"))
    values = (desired.revision, time.time(), manifest)
    added = db.execute("INSERT OR REPLACE INTO revision VALUES (?, ?, ?)", values).lastrowid or 0
    # By rowid, which a replaced row gets anew: clocks step back, and the one just written must never go.
    stale = "SELECT rowid FROM revision ORDER BY rowid DESC LIMIT -1 OFFSET ?"
    gone = db.execute(f"DELETE FROM revision WHERE rowid IN ({stale})", (KEEP_REVISIONS,)).rowcount
    if gone and added % SWEEP_EVERY == 0:
        _sweep(db)


def names(desired: DesiredState) -> set[str]:
    """The digests of all bodies that a state needs."""
    return desired.deployments.keys() | {each.digest for each in desired.providers}


def named(manifest: dict[str, Any]) -> set[str]:
    """The digests of all bodies that a manifest needs."""
    return {*manifest["deployments"], *manifest["providers"]}


def missing(db: sqlite3.Connection, digests: Iterable[str]) -> set[str]:
    """Those of `digests` whose bodies are not stored; half a millisecond for 1,000."""
    statement = "SELECT value FROM json_each(?) WHERE NOT EXISTS (SELECT 1 FROM body WHERE digest = value)"
    return {digest for (digest,) in db.execute(statement, (json.dumps(list(digests)),))}


def _sweep(db: sqlite3.Connection) -> None:
    """Delete bodies that no kept revision names, once they outnumber those that are named."""
    used = set[str]().union(*(named(json.loads(text)) for (text,) in db.execute("SELECT manifest FROM revision")))
    gone = {digest for (digest,) in db.execute("SELECT digest FROM body")} - used
    if len(gone) > len(used):
        db.executemany("DELETE FROM body WHERE digest = ?", [(digest,) for digest in gone])
