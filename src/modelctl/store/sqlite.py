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

from modelctl.errors import Problem, Stale, StoreDown
from modelctl.state.desired import Deployment, DesiredState, Provider
from modelctl.state.selection import (
    Head,
    HistoryEntry,
    Resting,
    Selections,
    Worker,
    resting_from_json,
    resting_to_json,
    selections_from_json,
    selections_to_json,
)
from modelctl.store import revision_bodies, verdicts
from modelctl.store.bell import HEAD, WORKERS, Bell
from modelctl.store.database import connect, identity
from modelctl.system.state_folder import begin_private

_CHUNK = 500  # bound variables per statement; SQLite's own limit has been 999


class SqliteStore:
    """Durable: a commit has reached the disk (WAL, synchronous=FULL) before it returns.

    Whoever deletes the folder, or puts another in its place, takes the file from under an open
    connection: writers compare what they have open with what stands at the path.
    """

    def __init__(self, folder: Path, patience: float = 5.0) -> None:
        self._lock = threading.RLock()
        self._folder, self._patience = folder.absolute(), patience  # absolute: programs change their folder
        self._path = self._folder / "modelctl.db"
        self._open()

    def _open(self) -> None:
        folder, path = self._folder, self._path
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            begin_private(path)
            db, there = connect(path, self._patience)
            path.chmod(0o600)  # one that was there before
            name = str(db.execute("SELECT id FROM store").fetchone()[0])
            self._bell, self._db, self._identity, self._id = Bell(folder / "bell"), db, there, name
            self._written: DesiredState | None = None  # the last revision that we wrote into this file
        except (OSError, sqlite3.Error) as error:
            raise StoreDown(f"cannot open the store in {folder}: {error}") from error

    @property
    def id(self) -> str:
        return self._id

    # -- reading -------------------------------------------------------------------------------

    def head(self) -> Head:
        version, revision, selections = self._rows("SELECT version, revision, selections FROM head")[0]
        return Head(version, revision, selections_from_json(json.loads(selections)))

    def manifest(self, revision: str) -> dict[str, Any]:
        with self._lock, _as_store_down():
            found = revision_bodies.manifest(self._db, revision)
        if found is None:
            raise StoreDown(f"the store does not hold revision {revision}")
        return found

    def holds(self, revision: str) -> bool:
        with self._lock, _as_store_down():
            return revision_bodies.is_whole(self._db, revision)

    def proven(self) -> str | None:
        with self._lock, _as_store_down():
            revision = verdicts.proven(self._db)
        return revision if revision is not None and self.holds(revision) else None

    def deployments(self, ids: Iterable[str]) -> dict[str, Deployment]:
        return {digest: Deployment(**body) for digest, body in self._bodies(list(ids)).items()}

    def providers(self, digests: Sequence[str]) -> list[Provider]:
        bodies = self._bodies(list(digests))
        return [Provider.from_dict(bodies[digest]) for digest in digests]

    def resting(self) -> tuple[Resting, ...]:
        rows = self._rows("SELECT selections FROM resting")
        return resting_from_json(json.loads(rows[0][0])) if rows else ()

    def history(self, route: str | None = None, limit: int = 100) -> list[HistoryEntry]:
        rows = self._rows(
            "SELECT entry FROM history WHERE ?1 IS NULL OR route = ?1 ORDER BY seq DESC LIMIT ?2", (route, limit)
        )
        return [HistoryEntry(**json.loads(entry)) for (entry,) in rows]

    def workers(self) -> list[Worker]:
        rows = self._rows("SELECT report FROM worker ORDER BY id")
        reports = [Worker.from_dict(json.loads(report)) for (report,) in rows]
        # The versions of another store say nothing about the heads of this one.
        return [one if one.store in (None, self._id) else replace(one, version=0) for one in reports]

    def bell(self) -> tuple[int, int]:
        return self._bell.read()

    def wakes(self) -> int | None:
        return self._bell.wakes()

    # -- writing -------------------------------------------------------------------------------

    def commit(
        self,
        expect: int,
        *,
        desired: DesiredState | None = None,
        selections: Selections | None = None,
        entries: Sequence[HistoryEntry] = (),
        resting: Sequence[Resting] | None = None,
    ) -> Head:
        with self._writing() as db:
            head = self.head()
            if head.version != expect:
                raise Stale(f"the state is at version {head.version}, not {expect}")
            version = head.version + 1
            if desired is not None:
                kept = self._written
                sure = kept is not None and head.revision == kept.revision != desired.revision
                revision_bodies.keep(db, desired, kept if sure else None)
                head = replace(head, revision=desired.revision)
            head = replace(head, version=version, selections=head.selections if selections is None else selections)
            db.execute(
                "UPDATE head SET version = ?, revision = ?, selections = ?",
                (version, head.revision, json.dumps(selections_to_json(head.selections))),
            )
            if resting is not None:
                db.execute("INSERT OR REPLACE INTO resting VALUES (1, ?)", (json.dumps(resting_to_json(resting)),))
            lines = [(entry.route, json.dumps(asdict(replace(entry, version=version)))) for entry in entries]
            db.executemany("INSERT INTO history (route, entry) VALUES (?, ?)", lines)
        self._written = desired or self._written
        self._bell.ring(HEAD, version)
        return head

    def report(self, *workers: Worker) -> None:
        with self._writing(durable=False) as db:
            rows = [(worker.id, json.dumps(asdict(worker))) for worker in workers]
            db.executemany("INSERT OR REPLACE INTO worker VALUES (?, ?)", rows)
            for worker in workers:
                if worker.store in (None, self._id):
                    verdicts.note(db, worker)
        self._bell.ring(WORKERS, time.monotonic_ns())

    def forget(self, worker_id: str) -> None:
        with self._writing(durable=False) as db:
            db.execute("DELETE FROM worker WHERE id = ?", (worker_id,))
        self._bell.ring(WORKERS, time.monotonic_ns())

    def remarks(self) -> tuple[Problem, ...]:
        return ()

    def now(self) -> float:
        return time.time()

    def away(self) -> str | None:
        return None

    def moved(self) -> bool:
        there = identity(self._path)
        return there is not None and there != self._identity

    def renew(self) -> Head | None:
        with self._lock:
            if identity(self._path) == self._identity:
                return None
            last, db, bell = self.head(), self._db, self._bell
            self._open()
            db.close()
            bell.close()
            return last

    def close(self) -> None:
        with self._lock:
            self._db.close()
            self._bell.close()

    # -- inside --------------------------------------------------------------------------------

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
        """One transaction on the file that stands at the path.

        A report need not outlive a power cut, so it does not wait for the disk. NORMAL, not OFF: its
        commit may be the one that moves the log into the database, acknowledged selections among it.
        """
        with self._lock, _as_store_down():
            self._db.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
            self._db.execute("BEGIN IMMEDIATE")
            try:
                self._check_place(durable)
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise
            self._check_place(durable)

    def _check_place(self, durable: bool) -> None:
        """A commit into a deleted or replaced file would be lost: refuse it."""
        if identity(self._path) != self._identity:
            text = f"the store in {self._folder} was deleted or replaced"
            raise Stale(text, hint="read again") if durable else StoreDown(text)


def open_folder(url: str, patience: float, copies: Path | None) -> SqliteStore:
    """It is on this disk anyway: no copy is needed."""
    return SqliteStore(Path(url.removeprefix("sqlite://")), patience)


@contextmanager
def _as_store_down() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise StoreDown(f"the store answers: {error}") from error
