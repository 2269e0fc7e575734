"""Stores usage in a SQLite file of its own beside the store, so that a switch never waits for counting.

Each worker owns its rows and writes them whole (`INSERT OR REPLACE`), for the minute, the hour and the day at once: a
write that is repeated changes nothing, and nothing has to be rolled up later. Rows age out by grain.
"""

from __future__ import annotations

import math
import sqlite3
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from modelctl.errors import StoreDown
from modelctl.store.database import identity, migrate, open_private
from modelctl.store.usage_schema import MIGRATIONS
from modelctl.usage import bins
from modelctl.usage.figures import COUNTS, FIELDS, SKETCHES, SUMS, Figures, Series

MINUTE, HOUR, DAY = 60, 3600, 86400
GRAINS = (MINUTE, HOUR, DAY)  # seconds
DIMENSIONS = ("route", "model", "deployment", "provider", "worker", "tag")
_CHUNK = 200  # rows of one statement: each statement costs a busy worker a turn of the GIL
_NAMES = ("grain", "at", "series", *FIELDS)


@dataclass(frozen=True, slots=True)
class Retention:
    """How many days every grain is retained (None: without limit), and how many bytes in all."""

    minutes: float = 7
    hours: float = 90
    days: float | None = None
    most: int = 512 * 1024 * 1024


def usage_folder(url: str, state: Path) -> Path:
    """Beside the store of that URL; in the state folder where the store is no folder."""
    path = url.removeprefix("sqlite://")
    return state if "://" in path else Path(path)


def usage_keep(environ: Mapping[str, str]) -> Retention:
    """`MODELCTL_USAGE_KEEP=7,90,3650` (days of minutes, hours, days) and `MODELCTL_USAGE_MOST_MB=512`.

    What cannot be read is the default: a worker must not fail over it, and `modelctl usage` says what is kept.
    """
    keep = Retention()
    with suppress(ValueError):
        given = [float(part) for part in environ.get("MODELCTL_USAGE_KEEP", "").split(",") if part.strip()]
        minutes, hours, days = [*given, *(keep.minutes, keep.hours, math.inf)[len(given) :]][:3]
        keep = replace(keep, minutes=max(minutes, 1 / 24), hours=max(hours, 1), days=None if days == math.inf else days)
    with suppress(ValueError):
        most = float(environ.get("MODELCTL_USAGE_MOST_MB") or keep.most / 2**20)
        keep = replace(keep, most=int(max(most, 1) * 2**20))
    return keep


@dataclass(frozen=True, slots=True)
class Row:
    """The figures of one series of one worker in the `grain` seconds from `at` (UTC epoch seconds)."""

    grain: int
    at: int
    series: Series
    figures: Figures


class UsageStore:
    """Safe to share between threads; every method raises `StoreDown` when the file cannot be read or written."""

    behind = False  # nothing of before waits to be written

    def __init__(self, folder: Path, patience: float = 5.0) -> None:
        self._path, self._patience = folder.absolute() / "usage.db", patience
        self._lock = threading.Lock()
        self._db: sqlite3.Connection | None = None
        self._identity: tuple[int, int] | None = None
        self._ids: dict[tuple[str, Series], int] = {}

    # -- writing -------------------------------------------------------------------------------

    def write(self, worker: str, rows: Sequence[Row], prices: str | None = None) -> None:
        """Replace what this worker said of these stretches before; one transaction.

        `prices` names the price map by which costs were computed; it is kept with each hour.
        """
        with self._transaction() as db:
            if prices is not None:
                hours = {(row.at, worker, prices) for row in rows if row.grain == HOUR}
                db.executemany("INSERT OR IGNORE INTO price_map VALUES (?, ?, ?)", hours)
            ids = self._series(db, worker, {row.series for row in rows})
            for start in range(0, len(rows), _CHUNK):
                chunk = rows[start : start + _CHUNK]
                marks = ",".join([f"({','.join('?' * len(_NAMES))})"] * len(chunk))
                values = [
                    value for row in chunk for value in (row.grain, row.at, ids[row.series], *row.figures.values())
                ]
                db.execute(f"INSERT OR REPLACE INTO usage ({', '.join(_NAMES)}) VALUES {marks}", values)

    def age(self, now: float, keep: Retention) -> None:
        """Drop rows past their retention, and the oldest minutes while the file is too large."""
        with self._transaction() as db:
            for grain, days in ((MINUTE, keep.minutes), (HOUR, keep.hours), (DAY, keep.days)):
                if days is not None:
                    db.execute("DELETE FROM usage WHERE grain = ? AND at < ?", (grain, now - days * DAY))
            db.execute("DELETE FROM price_map WHERE at < ?", (now - keep.hours * DAY,))
            for grain in (MINUTE, HOUR):
                while self._bytes(db) > keep.most and (oldest := self._oldest(db, grain)) is not None:
                    db.execute("DELETE FROM usage WHERE grain = ? AND at < ?", (grain, oldest + DAY))
            db.execute("DELETE FROM series WHERE seen < ? AND id NOT IN (SELECT series FROM usage)", (now - DAY,))
            self._ids.clear()

    def _series(self, db: sqlite3.Connection, worker: str, wanted: Iterable[Series]) -> dict[Series, int]:
        found = {}
        for each in wanted:
            id_ = self._ids.get((worker, each))
            if id_ is None:
                values = (each.route, each.model, each.deployment, each.provider, worker, time.time(), each.tag)
                statement = (
                    "INSERT INTO series VALUES (NULL, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET seen = seen"
                )
                id_ = db.execute(f"{statement} RETURNING id", values).fetchone()[0]
                self._ids[worker, each] = id_
            found[each] = id_
        return found

    # -- reading -------------------------------------------------------------------------------

    def sums(
        self, grain: int, start: float, end: float, by: Sequence[str] = (), *, step: int | None = None,
        workers: Sequence[str] | None = None,
    ) -> dict[tuple[Any, ...], Figures]:  # fmt: skip
        """What is known of `start` <= at < `end` in rows of one grain, added up by dimensions (and by steps, first).

        `workers`: of these alone.
        """
        columns = [f"(at / {int(step)}) * {int(step)}"] if step else []
        columns += [name for name in by if name in DIMENSIONS]
        keys = ", ".join(columns) or "1"
        numbers = ", ".join(f"sum({name})" for name in (*COUNTS, *SUMS))
        who = "" if workers is None else f" AND worker IN ({','.join('?' * len(workers))})"
        rest = f"FROM usage JOIN series ON series.id = usage.series WHERE grain = ? AND at >= ? AND at < ?{who}"
        values, width = (grain, start, end, *(workers or ())), max(1, len(columns))
        with self._reading() as db:
            rows = db.execute(f"SELECT {keys}, {numbers} {rest} GROUP BY {keys}", values).fetchall()
            sketches = _added(db.execute(f"SELECT {keys}, {', '.join(SKETCHES)} {rest}", values), width)
        return {
            row[:width] if columns else (): Figures.of(row[width:], (each.bins() for each in sketches[row[:width]]))
            for row in rows
        }

    def oldest(self, grain: int) -> int | None:
        with self._reading() as db:
            return self._oldest(db, grain)

    def price_maps(self, start: float, end: float) -> list[str]:
        """By which price maps the costs of these hours were computed."""
        statement = "SELECT DISTINCT version FROM price_map WHERE at >= ? AND at < ? ORDER BY version"
        with self._reading() as db:
            return [version for (version,) in db.execute(statement, (start // HOUR * HOUR, end))]

    def workers(self, since: float) -> list[str]:
        """Workers that wrote rows about the time since then."""
        statement = "SELECT DISTINCT worker FROM usage JOIN series ON series.id = series WHERE grain = ? AND at >= ?"
        with self._reading() as db:
            return [name for (name,) in db.execute(statement, (MINUTE, since))]

    def stand(self) -> object:
        """Changes with every commit of another process; costs a few microseconds."""
        with self._reading() as db:
            return self._identity, db.execute("PRAGMA data_version").fetchone()[0]

    def close(self) -> None:
        with self._lock:
            self._drop()

    # -- inside --------------------------------------------------------------------------------

    @staticmethod
    def _oldest(db: sqlite3.Connection, grain: int) -> int | None:
        found = db.execute("SELECT min(at) FROM usage WHERE grain = ?", (grain,)).fetchone()[0]
        return None if found is None else int(found)

    @staticmethod
    def _bytes(db: sqlite3.Connection) -> int:
        """In use: pages that are free are used again before the file grows."""
        pages, free, size = (
            db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
        )
        return int((pages - free) * size)

    def _open(self) -> sqlite3.Connection:
        if self._db is not None and identity(self._path) == self._identity:
            return self._db
        self._drop()
        db = open_private(
            self._path,
            self._patience,
            synchronous="NORMAL",  # a power cut may cost the last seconds, never the file
            prepare=lambda db: migrate(db, self._path, MIGRATIONS),
        )
        self._db, self._identity = db, identity(self._path)
        return db

    def _drop(self) -> None:
        if self._db is not None:
            self._db.close()
        self._db, self._ids = None, {}

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                yield self._open()
            except (OSError, sqlite3.Error) as error:
                raise StoreDown(f"usage cannot be read: {error}") from error

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                db = self._open()
                db.execute("BEGIN IMMEDIATE")
                try:
                    yield db
                    db.execute("COMMIT")
                except BaseException:
                    self._ids = {}
                    if db.in_transaction:
                        db.execute("ROLLBACK")
                    raise
            except (OSError, sqlite3.Error) as error:
                raise StoreDown(f"usage cannot be written: {error}") from error


def _added(rows: Iterable[tuple[Any, ...]], width: int) -> dict[tuple[Any, ...], list[bins.Sum]]:
    """The sketches of each group, which is told by the first `width` columns."""
    found: dict[tuple[Any, ...], list[bins.Sum]] = defaultdict(lambda: [bins.Sum() for _ in SKETCHES])
    for row in rows:
        for total, packed in zip(found[row[:width]], row[width:], strict=True):
            total.add(packed)
    return found
