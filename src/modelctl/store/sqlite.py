"""The default store: one SQLite file in the state folder, for the workers of one host."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from modelctl.desired import Deployment, DesiredState, Provider
from modelctl.errors import Stale, StoreDown
from modelctl.selection import Entry, Head, Selections, Worker, selections_from_json, selections_to_json
from modelctl.store.bell import HEAD, WORKERS, Bell

SCHEMA = """
CREATE TABLE IF NOT EXISTS head (
  id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER NOT NULL, revision TEXT, selections TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS revision (revision TEXT PRIMARY KEY, at REAL NOT NULL, manifest TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS body (digest TEXT PRIMARY KEY, kind TEXT NOT NULL, body TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS history (seq INTEGER PRIMARY KEY AUTOINCREMENT, route TEXT, entry TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS worker (id TEXT PRIMARY KEY, report TEXT NOT NULL);
INSERT OR IGNORE INTO head VALUES (1, 0, NULL, '{}');
"""
KEEP_REVISIONS = 50
_CHUNK = 500  # bound variables per statement; SQLite's own limit has been 999


class SqliteStore:
    """Durable: a commit has reached the disk (WAL, synchronous=FULL) before it returns."""

    def __init__(self, folder: Path, patience: float = 5.0) -> None:
        self._lock = threading.RLock()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._path = path = folder / "modelctl.db"
            self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=patience)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=FULL")
            if not self._db.execute("SELECT 1 FROM sqlite_master WHERE name = 'worker'").fetchone():
                self._db.executescript(SCHEMA)
            path.chmod(0o600)
            self._identity = _identity(path)
            self._bell = Bell(folder / "bell")
        except (OSError, sqlite3.Error) as error:
            raise StoreDown(f"cannot open the store in {folder}: {error}") from error
        self._stored: set[str] = set()  # digests known to be in `body`: spares re-sending thousands

    # -- reading -------------------------------------------------------------------------------

    def head(self) -> Head:
        version, revision, selections = self._rows("SELECT version, revision, selections FROM head")[0]
        return Head(version, revision, selections_from_json(json.loads(selections)))

    def manifest(self, revision: str) -> dict[str, Any]:
        rows = self._rows("SELECT manifest FROM revision WHERE revision = ?", (revision,))
        if not rows:
            raise StoreDown(f"the store does not hold revision {revision}")
        manifest: dict[str, Any] = json.loads(rows[0][0])
        return manifest

    def deployments(self, ids: Iterable[str]) -> dict[str, Deployment]:
        return {digest: Deployment(**body) for digest, body in self._bodies(list(ids)).items()}

    def providers(self, digests: Sequence[str]) -> list[Provider]:
        bodies = self._bodies(list(digests))
        return [Provider.from_dict(bodies[digest]) for digest in digests]

    def history(self, route: str | None = None, limit: int = 100) -> list[Entry]:
        rows = self._rows(
            "SELECT entry FROM history WHERE ?1 IS NULL OR route = ?1 ORDER BY seq DESC LIMIT ?2", (route, limit)
        )
        return [Entry(**json.loads(entry)) for (entry,) in rows]

    def workers(self) -> list[Worker]:
        return [
            Worker.from_dict(json.loads(report)) for (report,) in self._rows("SELECT report FROM worker ORDER BY id")
        ]

    def bell(self) -> tuple[int, int]:
        return self._bell.read()

    # -- writing -------------------------------------------------------------------------------

    def commit(
        self,
        expect: int,
        *,
        desired: DesiredState | None = None,
        selections: Selections | None = None,
        entries: Sequence[Entry] = (),
    ) -> Head:
        with self._writing() as db:
            head = self.head()
            if head.version != expect:
                raise Stale(f"the state is at version {head.version}, not {expect}")
            version = head.version + 1
            if desired is not None:
                self._keep(db, desired)
                head = replace(head, revision=desired.revision)
            head = replace(head, version=version, selections=head.selections if selections is None else selections)
            db.execute(
                "UPDATE head SET version = ?, revision = ?, selections = ?",
                (version, head.revision, json.dumps(selections_to_json(head.selections))),
            )
            lines = [(entry.route, json.dumps(asdict(replace(entry, version=version)))) for entry in entries]
            db.executemany("INSERT INTO history (route, entry) VALUES (?, ?)", lines)
        self._bell.ring(HEAD, version)
        return head

    def report(self, worker: Worker) -> None:
        with self._writing(durable=False) as db:
            db.execute("INSERT OR REPLACE INTO worker VALUES (?, ?)", (worker.id, json.dumps(asdict(worker))))
        self._bell.ring(WORKERS, time.monotonic_ns())

    def forget(self, worker_id: str) -> None:
        with self._writing(durable=False) as db:
            db.execute("DELETE FROM worker WHERE id = ?", (worker_id,))
        self._bell.ring(WORKERS, time.monotonic_ns())

    def moved(self) -> bool:
        there = _identity(self._path)
        return there is not None and there != self._identity

    def close(self) -> None:
        with self._lock:
            self._db.close()
            self._bell.close()

    # -- inside --------------------------------------------------------------------------------

    def _keep(self, db: sqlite3.Connection, desired: DesiredState) -> None:
        """Insert the bodies that are new, and drop what only long-gone revisions used."""
        if not self._stored:
            self._stored = {digest for (digest,) in db.execute("SELECT digest FROM body")}
        new = [
            (id_, "deployment", json.dumps(asdict(desired.deployments[id_])))
            for id_ in desired.deployments.keys() - self._stored
        ]
        new += [(each.digest, "provider", each.body) for each in desired.providers if each.digest not in self._stored]
        db.executemany("INSERT OR IGNORE INTO body VALUES (?, ?, ?)", new)
        manifest = json.dumps(desired.manifest(), separators=(",", ":"))
        db.execute("INSERT OR REPLACE INTO revision VALUES (?, ?, ?)", (desired.revision, time.time(), manifest))
        stale = "SELECT revision FROM revision ORDER BY at DESC LIMIT -1 OFFSET ?"
        if db.execute(f"DELETE FROM revision WHERE revision IN ({stale})", (KEEP_REVISIONS,)).rowcount:
            self._sweep(db)
        self._stored.update(digest for digest, _, _ in new)

    def _sweep(self, db: sqlite3.Connection) -> None:
        """Delete bodies that no kept revision names, once they outnumber those that are named."""
        manifests = [json.loads(text) for (text,) in db.execute("SELECT manifest FROM revision")]
        named = {digest for each in manifests for digest in (*each["deployments"], *each["providers"])}
        gone = self._stored - named
        if len(gone) > len(named):
            db.executemany("DELETE FROM body WHERE digest = ?", [(digest,) for digest in gone])
            self._stored -= gone

    def _bodies(self, digests: list[str]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for start in range(0, len(digests), _CHUNK):
            chunk = digests[start : start + _CHUNK]
            marks = ",".join("?" * len(chunk))
            rows = self._rows(f"SELECT digest, body FROM body WHERE digest IN ({marks})", chunk)
            found.update((digest, json.loads(body)) for digest, body in rows)
        missing = set(digests) - found.keys()
        if missing:
            raise StoreDown(f"the store lacks {len(missing)} of {len(digests)} bodies, {min(missing)} among them")
        return found

    def _rows(self, statement: str, values: Sequence[Any] = ()) -> list[Any]:
        with self._lock, _as_store_down():
            return self._db.execute(statement, values).fetchall()

    @contextmanager
    def _writing(self, *, durable: bool = True) -> Iterator[sqlite3.Connection]:
        """One transaction. A report need not outlive a power cut, so it does not wait for the disk."""
        with self._lock, _as_store_down():
            self._db.execute(f"PRAGMA synchronous={'FULL' if durable else 'OFF'}")
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                self._stored.clear()  # what this transaction had inserted is gone again
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_dev, stat.st_ino


@contextmanager
def _as_store_down() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise StoreDown(f"the store answers: {error}") from error
