"""How the last requests went, in a SQLite file of its own beside the store: `requests.db`, which may be deleted."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from modelctl.errors import StoreDown
from modelctl.state.request_record import RequestRecord
from modelctl.store.database import identity, open_private

MOST_KEPT = 20_000  # requests of all workers
LONGEST_S = 24 * 3600.0
_AGE_EVERY_S = 60.0
_SCHEMA = """
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS request (
  seq INTEGER PRIMARY KEY, id TEXT NOT NULL, response TEXT, at REAL NOT NULL, record TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS request_id ON request (id);
CREATE INDEX IF NOT EXISTS request_response ON request (response) WHERE response IS NOT NULL;
COMMIT;
"""


def requests_kept(environ: Mapping[str, str]) -> int:
    """`MODELCTL_REQUESTS_KEPT`: how many requests of all workers; 0: none. What cannot be read is the default."""
    with suppress(ValueError):
        return max(0, int(environ.get("MODELCTL_REQUESTS_KEPT") or MOST_KEPT))
    return MOST_KEPT


class RequestStore:
    """Safe to share between threads; every method raises `StoreDown` when the file cannot be read or written."""

    def __init__(self, folder: Path, keep: int = MOST_KEPT, patience: float = 5.0) -> None:
        self._path, self._keep, self._patience = folder.absolute() / "requests.db", keep, patience
        self._lock = threading.Lock()
        self._db: sqlite3.Connection | None = None
        self._identity: tuple[int, int] | None = None
        self._aged = 0.0

    def write(self, records: Sequence[RequestRecord], now: float) -> None:
        """Append, and drop what is more than is kept; one transaction."""
        rows = [(one.id, one.response, one.at, json.dumps(one.to_dict(), separators=(",", ":"))) for one in records]
        with self._opened() as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                db.executemany("INSERT INTO request (id, response, at, record) VALUES (?, ?, ?, ?)", rows)
                db.execute("DELETE FROM request WHERE seq <= (SELECT max(seq) FROM request) - ?", (self._keep,))
                if now - self._aged >= _AGE_EVERY_S:
                    self._aged = now
                    db.execute("DELETE FROM request WHERE at < ?", (now - LONGEST_S,))
                db.execute("COMMIT")
            except BaseException:
                if db.in_transaction:
                    db.execute("ROLLBACK")
                raise

    def find(self, id_: str) -> RequestRecord | None:
        """By LiteLLM's id, else by the answer's own; the newest of that id."""
        with self._opened() as db:
            for column in ("id", "response"):
                statement = f"SELECT record FROM request WHERE {column} = ? ORDER BY seq DESC LIMIT 1"
                if found := db.execute(statement, (id_,)).fetchone():
                    return RequestRecord.from_dict(json.loads(found[0]))
        return None

    def oldest(self) -> float | None:
        """When the oldest request that is kept arrived, UTC seconds."""
        with self._opened() as db:
            found = db.execute("SELECT at FROM request ORDER BY seq LIMIT 1").fetchone()
        return None if found is None else float(found[0])

    def close(self) -> None:
        with self._lock:
            self._drop()

    # -- inside --------------------------------------------------------------------------------

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                yield self._open()
            except (OSError, sqlite3.Error) as error:
                raise StoreDown(f"what is kept of requests cannot be read or written: {error}") from error

    def _open(self) -> sqlite3.Connection:
        if self._db is not None and identity(self._path) == self._identity:
            return self._db
        self._drop()
        # A power cut may cost all of it, which is no more than history.
        db = open_private(self._path, self._patience, synchronous="OFF", prepare=lambda db: db.executescript(_SCHEMA))
        self._db, self._identity = db, identity(self._path)
        return db

    def _drop(self) -> None:
        if self._db is not None:
            self._db.close()
        self._db = None
