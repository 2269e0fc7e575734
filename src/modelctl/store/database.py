"""Opening the SQLite file: its schema, and which file it is."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from modelctl.errors import StoreDown
from modelctl.system.state_folder import begin_private

_FIRST = """
CREATE TABLE IF NOT EXISTS head (
  id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER NOT NULL, revision TEXT, selections TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS revision (revision TEXT PRIMARY KEY, at REAL NOT NULL, manifest TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS body (digest TEXT PRIMARY KEY, kind TEXT NOT NULL, body TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS history (seq INTEGER PRIMARY KEY AUTOINCREMENT, route TEXT, entry TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS worker (id TEXT PRIMARY KEY, report TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS store (one INTEGER PRIMARY KEY CHECK (one = 1), id TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS verdict (revision TEXT PRIMARY KEY, taken INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS resting (one INTEGER PRIMARY KEY CHECK (one = 1), selections TEXT NOT NULL);
INSERT OR IGNORE INTO head VALUES (1, 0, NULL, '{}');
INSERT OR IGNORE INTO store VALUES (1, lower(hex(randomblob(8))));
"""  # releases that counted no versions lack some of these tables
MIGRATIONS = (_FIRST,)
"""What brings a file from version N of the schema (SQLite's `user_version`) to N + 1; a new file is of version 0.

A migration that has been released never changes: a later need is one more at the end.
"""
SCHEMA_VERSION = len(MIGRATIONS)
_LOOK_AGAIN_S = 0.005


def connect(path: Path, patience: float) -> tuple[sqlite3.Connection, tuple[int, int] | None]:
    """A connection with the schema in place, and the identity of its file.

    Raises sqlite3.Error, and `StoreDown` for a file that a newer modelctl has written.
    """
    before = identity(path)
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=patience)
    try:
        known_version(db, path, MIGRATIONS)
        write_ahead(db, time.monotonic() + patience)
        db.execute("PRAGMA synchronous=FULL")
        migrate(db, path, MIGRATIONS)
    except (sqlite3.Error, StoreDown):
        db.close()
        raise
    # The identity from before the open: if the file was replaced since, the next look finds another one and reopens.
    return db, before or identity(path)


def open_private(
    path: Path, patience: float, *, synchronous: str, prepare: Callable[[sqlite3.Connection], object]
) -> sqlite3.Connection:
    """A file beside the store, for its owner alone; made where there is none, with `prepare` for its schema."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    begin_private(path)
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=patience)
    try:
        path.chmod(0o600)
        write_ahead(db, time.monotonic() + patience)
        db.execute(f"PRAGMA synchronous={synchronous}")
        prepare(db)
    except (OSError, sqlite3.Error, StoreDown):
        db.close()
        raise
    return db


def known_version(db: sqlite3.Connection, path: Path, migrations: Sequence[str]) -> int:
    """The version of the file's schema. Raises `StoreDown` for one that these migrations do not lead to."""
    version = int(db.execute("PRAGMA user_version").fetchone()[0])
    if version > len(migrations):
        known = f"version {version} of its schema, and this modelctl knows {len(migrations)}"
        hint = "run the newer modelctl, or give this one another state folder (MODELCTL_STATE)"
        raise StoreDown(f"a newer modelctl has written the store {path}: {known}", hint=hint)
    return version


def migrate(db: sqlite3.Connection, path: Path, migrations: Sequence[str]) -> None:
    """All steps in one transaction: a process that dies leaves the file as it was."""
    if known_version(db, path, migrations) == len(migrations):
        return
    db.execute("BEGIN IMMEDIATE")
    try:
        version = known_version(db, path, migrations)  # again: another process may have been faster
        for statement in "".join(migrations[version:]).split(";\n"):
            db.execute(statement)
        db.execute(f"PRAGMA user_version = {len(migrations)}")
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


def write_ahead(db: sqlite3.Connection, deadline: float) -> None:
    """SQLite's busy timeout does not cover this statement: two processes that open a new file at once may collide."""
    while True:
        try:
            db.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() >= deadline:
                raise
        time.sleep(_LOOK_AGAIN_S)


def identity(path: Path) -> tuple[int, int] | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_dev, stat.st_ino
