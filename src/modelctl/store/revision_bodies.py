"""Stores revisions and their bodies in one transaction, and removes old ones."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterable
from functools import partial
from typing import Any

from modelctl.state.desired import DesiredState
from modelctl.store import revision_parts
from modelctl.store.revision_parts import KEEP_REVISIONS, SWEEP_EVERY


def keep(db: sqlite3.Connection, desired: DesiredState, live: DesiredState | None = None) -> None:
    """Insert the bodies that are new, and drop what only long-gone revisions used.

    What is new is asked of the database each time: other processes sweep it as well. Only of what `live` names, the
    revision that the head stands on, is known that no sweep has taken it.
    """
    bodies = revision_parts.bodies(desired, live)
    new = missing(db, bodies)
    rows = [(name, kind, make()) for name, (kind, make) in bodies.items() if name in new]
    db.executemany("INSERT OR IGNORE INTO body VALUES (?, ?, ?)", rows)
    add(db, desired.revision, revision_parts.stored(desired))


def add(db: sqlite3.Connection, revision: str, manifest: str) -> None:
    """A revision whose bodies are there, as the newest; the oldest go."""
    values = (revision, time.time(), manifest)
    added = db.execute("INSERT OR REPLACE INTO revision VALUES (?, ?, ?)", values).lastrowid or 0
    # By rowid, which a replaced row gets anew, and not by time: a clock that steps back makes the newest row look old.
    stale = "SELECT rowid FROM revision ORDER BY rowid DESC LIMIT -1 OFFSET ?"
    gone = db.execute(f"DELETE FROM revision WHERE rowid IN ({stale})", (KEEP_REVISIONS,)).rowcount
    if gone and added % SWEEP_EVERY == 0:
        _sweep(db)


def manifest(db: sqlite3.Connection, revision: str) -> dict[str, Any] | None:
    """The revision as published; None where it is unknown or incomplete."""
    row = db.execute("SELECT manifest FROM revision WHERE revision = ?", (revision,)).fetchone()
    return None if row is None else revision_parts.read_back(row[0], partial(stretches, db))


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
    manifests = [text for (text,) in db.execute("SELECT manifest FROM revision")]
    needed = revision_parts.used(manifests, partial(stretches, db))
    there = (digest for (digest,) in db.execute("SELECT digest FROM body"))
    gone = revision_parts.superfluous(there, needed)
    db.executemany("DELETE FROM body WHERE digest = ?", [(digest,) for digest in gone])
