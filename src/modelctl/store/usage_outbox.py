"""What a worker has counted and could not send yet, on its own disk: the next worker sends it, should this one die."""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import groupby
from pathlib import Path
from typing import Any, Protocol

from modelctl.errors import StoreDown
from modelctl.store.usage_store import HOUR, Retention, Row, UsageStore
from modelctl.usage import bins
from modelctl.usage.figures import COUNTS, FIELDS, SUMS, Figures, Series

KEEP = Retention(minutes=2, most=64 * 1024 * 1024)
_CHUNK = 200  # rows that are read at once
Send = Callable[[str, Sequence[Row], str | None], None]


class UsageTaker(Protocol):
    """Where figures go that are kept on another host. Raises `StoreDown`."""

    def write(self, worker: str, rows: Sequence[Row], prices: str | None = None) -> None: ...

    def age(self, now: float, keep: Retention) -> None: ...

    def close(self) -> None: ...


class UnsentUsage(UsageStore):
    def written(self) -> Iterator[tuple[str, str | None, list[Row]]]:
        """(worker, price map, rows): everything, some rows at a time."""
        prices = "(SELECT max(version) FROM price_map WHERE price_map.worker = series.worker)"
        names = ", ".join(("worker", prices, "grain", "at", "route", "model", "deployment", "provider", "tag", *FIELDS))
        order = "FROM usage JOIN series ON series.id = usage.series ORDER BY worker, grain, at, series LIMIT ? OFFSET ?"
        for start in range(0, 2**63, _CHUNK):
            with self._reading() as db:
                found = db.execute(f"SELECT {names} {order}", (_CHUNK, start)).fetchall()
            for (worker, version), rows in groupby(found, key=lambda row: row[:2]):
                yield worker, version, [_row(row[2:]) for row in rows]
            if len(found) < _CHUNK:
                return


class UsageOutbox:
    """A folder of its own for each process, locked as long as that lives: who finds one unlocked sends what is in it.

    One thread works on it. Raises `StoreDown` where the disk is full or read-only.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._own = folder / f"{os.getpid()}-{secrets.token_hex(4)}"
        self._lock: int | None = None
        self._unsent: UnsentUsage | None = None
        self._aged = 0.0

    @property
    def waits(self) -> bool:
        """Whether there may be something to send, of this worker or of one that is gone."""
        return self._folder.is_dir() and any(self._folder.iterdir())

    def put(self, worker: str, rows: Sequence[Row], prices: str | None) -> None:
        """Replaces what was said of these stretches before. The oldest minutes go where it becomes too much."""
        if self._unsent is None:
            self._lock = _locked(self._own)
            self._unsent = UnsentUsage(self._own)
        self._unsent.write(worker, rows, prices)
        if (now := time.time()) - self._aged >= HOUR / 60:
            self._aged = now
            self._unsent.age(now, KEEP)

    def empty(self, send: Send) -> None:
        """Send everything and forget it: what this worker said before is there before what it says next."""
        if self._unsent is not None:
            _send(self._unsent, send)
            self._close()
        for folder in self._folder.iterdir() if self._folder.is_dir() else ():
            self._inherit(folder, send)

    def _inherit(self, folder: Path, send: Send) -> None:
        try:
            lock = _locked(folder)
        except StoreDown:
            return  # its worker lives, or another one is at it
        try:
            left = UnsentUsage(folder)
            _send(left, send)
            left.close()
            shutil.rmtree(folder, ignore_errors=True)
        finally:
            os.close(lock)

    def _close(self) -> None:
        unsent, lock, self._unsent, self._lock = self._unsent, self._lock, None, None
        if unsent is not None:
            unsent.close()
            shutil.rmtree(self._own, ignore_errors=True)
        if lock is not None:
            os.close(lock)


class OutboxedUsage:
    """In place of a `UsageStore`: what `taker` does not take now goes to `outbox` too, and outlives this process."""

    def __init__(self, taker: UsageTaker, outbox: UsageOutbox | None) -> None:
        self._taker, self._outbox = taker, outbox
        self.behind = outbox is not None and outbox.waits  # whether there is something to send from before

    def write(self, worker: str, rows: Sequence[Row], prices: str | None = None) -> None:
        kept = self.behind and self._keep(worker, rows, prices)  # first: a host that is cut off waits for each answer
        try:
            if self.behind and self._outbox is not None:
                self._outbox.empty(self._taker.write)
            self.behind = False
            if not kept:
                self._taker.write(worker, rows, prices)
        except StoreDown:
            if rows and self._outbox is not None:
                self.behind = True
                if not kept:
                    self._keep(worker, rows, prices)
            raise

    def _keep(self, worker: str, rows: Sequence[Row], prices: str | None) -> bool:
        """Whether the disk has it; memory does in any case."""
        with suppress(StoreDown):
            if rows and self._outbox is not None:
                self._outbox.put(worker, rows, prices)
                return True
        return False

    def age(self, now: float, keep: Retention) -> None:
        self._taker.age(now, keep)

    def close(self) -> None:
        self._taker.close()


def _locked(folder: Path) -> int:
    """A handle that holds the lock; whose process dies holds none. Raises `StoreDown`."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(folder / "lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            raise
    except OSError as error:
        raise StoreDown(f"{folder} cannot be used: {error}") from error
    return handle


def _send(unsent: UnsentUsage, send: Send) -> None:
    with suppress(FileNotFoundError):
        for worker, prices, rows in unsent.written():
            send(worker, rows, prices)


def _row(values: Sequence[Any]) -> Row:
    grain, at, route, model, deployment, provider, tag, *figures = values
    width = len(COUNTS) + len(SUMS)
    made = Figures.of(figures[:width], map(_bins, figures[width:]))
    return Row(grain, at, Series(route, model, deployment, provider, tag), made)


def _bins(packed: bytes) -> bins.Bins:
    total = bins.Sum()
    total.add(packed)
    return total.bins()
