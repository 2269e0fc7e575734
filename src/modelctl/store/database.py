"""Opening the SQLite file: its schema, and which file it is."""

from __future__ import annotations

import re
import sqlite3
import time
from pathlib import Path

SCHEMA = """
BEGIN IMMEDIATE;
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
COMMIT;
"""
TABLES = frozenset(re.findall(r"CREATE TABLE IF NOT EXISTS (\w+)", SCHEMA))
_LOOK_AGAIN_S = 0.005


def connect(path: Path, patience: float) -> tuple[sqlite3.Connection, tuple[int, int] | None]:
    """A connection with the schema in place, and the identity of its file. Raises sqlite3.Error."""
    before = identity(path)
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=patience)
    try:
        write_ahead(db, time.monotonic() + patience)
        db.execute("PRAGMA synchronous=FULL")
        there = {name for (name,) in db.execute("SELECT name FROM sqlite_master")}
        if not there >= TABLES:  # a new database, or one of an older release
            db.executescript(SCHEMA)
    except sqlite3.Error:
        db.close()
        raise
    # Replaced meanwhile, either file may be open; with the one of before the next look says "moved".
    return db, before or identity(path)


def write_ahead(db: sqlite3.Connection, deadline: float) -> None:
    """The one statement that SQLite does not wait with: two that open a new file at once get in each other's way."""
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
