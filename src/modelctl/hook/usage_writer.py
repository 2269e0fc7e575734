"""From the events to the store, in a thread of its own: what a request waits for is the append to a queue."""

from __future__ import annotations

import atexit
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Protocol

from modelctl.errors import StoreDown
from modelctl.hook.counted import Counted
from modelctl.hook.ledger import Ledger
from modelctl.hook.log import log
from modelctl.store.usage_store import HOUR, Retention, Row

EVERY = 1.0  # seconds between two writes: what a crash may cost
MOST_QUEUED = 100_000  # events


class UsageSink(Protocol):
    """Where figures go: `store.usage_store.UsageStore`, or a control plane. Raises `StoreDown`."""

    @property
    def behind(self) -> bool:
        """Whether a `write` is due even of nothing, since there is something from before."""

    def write(self, worker: str, rows: Sequence[Row], prices: str | None = None) -> None: ...

    def age(self, now: float, keep: Retention) -> None: ...

    def close(self) -> None: ...


class UsageWriter:
    """`add` never raises and never waits. `worker` names who counts, `prices` the price map that costs come from."""

    def __init__(self, store: UsageSink, worker: str, keep: Retention, prices: str | None = None) -> None:
        self._store, self._worker, self._keep, self._prices = store, worker, keep, prices
        self._queue: deque[Counted] = deque()
        self._dropped = 0
        self._ledger = Ledger()
        self._aged = 0.0
        self._trouble: str | None = None  # with the store
        self._failure: str | None = None  # of our own
        self.ahead: Callable[[], float] = lambda: 0.0  # seconds, of the store's clock before this host's
        self.also: list[Callable[[float], None]] = []  # what else is to be done every second
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="modelctl-usage", daemon=True)
        self._thread.start()
        atexit.register(self._goodbye)

    def add(self, counted: Counted) -> None:
        if len(self._queue) < MOST_QUEUED:
            self._queue.append(counted)
        else:
            self._dropped += 1

    def failed(self, error: Exception) -> None:
        """Counting itself went wrong: said once in the log, and in status from then on."""
        if self._failure is None:
            self._failure = f"counting failed: {type(error).__name__}: {error}"
            log.error("usage: counting failed; requests go on", exc_info=error)

    def remark(self) -> str | None:
        """What a reader of this worker's figures should know."""
        lost = self._dropped + self._ledger.dropped
        dropped = f"{lost} events are missing in the minutes" if lost else None
        return "; ".join(text for text in (self._failure, self._trouble, dropped) if text) or None

    def _run(self) -> None:
        while not self._ended.wait(EVERY):
            self._once()

    def _once(self) -> None:
        """A thread that ends would count nothing ever again; what fails keeps nothing else from its turn."""
        for work in (self._write, *self.also):
            try:
                work(time.time())
            except Exception as error:
                self.failed(error)

    def _write(self, now: float) -> None:
        """Of workers whose clocks differ, the same minute is the same."""
        counted, ahead = [self._queue.popleft() for _ in range(len(self._queue))], self.ahead()
        if any(each.at + ahead < self._ledger.over for each in counted):
            self._send(now + ahead)
            self._ledger.restart()
        self._ledger.take(counted, ahead)
        self._send(now + ahead)

    def _send(self, now: float) -> None:
        rows = self._ledger.rows()
        try:
            if rows or self._store.behind:
                name = f"{self._worker}#{self._ledger.life}" if self._ledger.life else self._worker
                self._store.write(name, rows, self._prices)
            self._ledger.written(now)
            if now - self._aged >= HOUR:
                self._aged = now
                self._store.age(now, self._keep)
            if self._trouble:
                log.info("usage is written again")
                self._trouble = None
        except StoreDown as error:
            if self._trouble is None:
                log.warning("%s; what is counted is kept in memory meanwhile", error.message)
            self._trouble = error.message
            self._ledger.bound()

    def _goodbye(self) -> None:
        self._ended.set()
        with suppress(Exception):
            self._thread.join(2.0)
            self._once()
            self._store.close()
