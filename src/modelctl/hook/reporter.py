"""How a worker answers: ack or nack, to the store from a thread of its own, and on to the log."""

from __future__ import annotations

import atexit
import os
import secrets
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict
from queue import Empty, SimpleQueue
from typing import Protocol

from modelctl.errors import StoreDown
from modelctl.hook.contract import litellm_version
from modelctl.hook.log import log
from modelctl.hook.worker_report import Reporter, WorkerReport
from modelctl.state.cooldown import RouterHealth
from modelctl.state.key_source import KeySource
from modelctl.state.selection import HistoryEntry, Worker
from modelctl.store import Store, worker_process
from modelctl.store.http_wire import MOST_ASKED

HEARTBEAT = 2.0  # seconds
LOOK = 0.5  # seconds between two looks for news that nobody brings: cooldowns


class HealthSource(Protocol):
    """What else there is to report: `router_watch.RouterWatch`."""

    def standing(self) -> object: ...
    def health(self) -> RouterHealth: ...
    def obey(self, entries: Iterable[HistoryEntry]) -> None: ...


class StoreReporter:
    """Sends the newest report, passes all of them on, and says every `HEARTBEAT` that the worker is alive.

    In a thread, with a connection of its own: a store or a log that is slow to write must not slow requests.
    """

    def __init__(self, open_store: Callable[[], Store], then: Reporter) -> None:
        self._then = then
        self._open = open_store
        self._store: Store | None = None
        # Random at the end: in two containers of a pod both host and pid may be the same.
        self.id = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self._first: tuple[WorkerReport, str] | None = None  # the last report, and the store that it was first said to
        self._started = time.time()
        self._litellm = litellm_version()  # read from disk, where an upgrade may be under way later
        self._report: WorkerReport | None = None
        self._to_pass_on: SimpleQueue[WorkerReport] = SimpleQueue()
        self._news = threading.Event()
        self._ended = threading.Event()
        self.usage: Callable[[], str | None] = lambda: None  # what is wrong with counting
        self.watch: HealthSource | None = None
        self.keys: Callable[[], tuple[KeySource, ...]] = tuple  # where keys come from that may change
        self._standing: object = None  # what the watch said last
        self._sent = 0.0
        self._asked: int | None = None  # version up to which this worker has done what history asks of it
        self._silent = False  # whether the last report could not be sent
        self._parent = int(os.environ.get("MODELCTL_PARENT") or 0)
        atexit.register(self._goodbye)
        self._thread = threading.Thread(target=self._run, name="modelctl-report", daemon=True)
        self._thread.start()

    def say(self, report: WorkerReport) -> None:
        self._report = report
        self._to_pass_on.put(report)
        self._news.set()

    def _run(self) -> None:
        while not self._ended.is_set():
            news = self._news.wait(min(LOOK, HEARTBEAT))
            self._news.clear()
            self._end_with_parent()
            if self._report is not None and not self._ended.is_set():
                try:
                    self._pass_on()  # whoever sees the report in the store finds its line in the log
                    if news or self._due():
                        self._send(self._report)
                except Exception:  # a thread that ends says nothing ever again
                    log.exception("cannot report to the store, trying again")
                    self._store = None

    def _due(self) -> bool:
        before, self._standing = self._standing, self.watch.standing() if self.watch else None
        return self._standing != before or time.monotonic() - self._sent >= HEARTBEAT

    def _pass_on(self) -> None:
        with suppress(Empty):
            while True:
                self._then.say(self._to_pass_on.get_nowait())

    def _send(self, report: WorkerReport) -> None:
        self._sent = time.monotonic()
        try:
            if self._store is None or self._store.moved():
                self._store = self._open()
            if self._first is None or self._first[0] is not report:
                self._first = report, self._store.id
            self._obey(self._store, report.version)
            self._store.report(self._worker(report, self._first[1]))
            self._silent = False
        except StoreDown as error:
            if not self._silent:
                log.warning("cannot report to the store, trying again: %s", error.message)
            self._silent, self._store = True, None

    def _worker(self, report: WorkerReport, store: str) -> Worker:
        fields = {key: value for key, value in asdict(report).items() if key != "deployments"}
        fields |= {"unset": report.unset, "restart_needed": report.restart_needed, "left_out": report.left_out}
        return Worker(
            id=self.id,
            pid=os.getpid(),
            host=socket.gethostname(),
            at=time.time(),
            started=self._started,
            litellm=self._litellm,
            namespace=worker_process.namespace(),
            born=worker_process.born(os.getpid()),
            usage=self.usage(),
            health=self.watch.health() if self.watch else None,
            keys=self.keys(),
            store=store,
            **fields,
        )

    def _obey(self, store: Store, version: int) -> None:
        """What history asks of workers since the last report, before the report that acks it."""
        before = self._asked
        if self.watch is not None and before is not None and version > before:
            self.watch.obey(entry for entry in store.history(limit=MOST_ASKED) if before < entry.version <= version)
        self._asked = version

    def _end_with_parent(self) -> None:
        """A supervisor that was killed cannot tell its workers to stop: they notice."""
        if self._parent and os.getppid() != self._parent:
            log.warning("the supervisor (pid %d) is gone; ending", self._parent)
            self._parent = 0
            os.kill(os.getpid(), signal.SIGTERM)

    def _goodbye(self) -> None:
        self._ended.set()
        self._news.set()
        # The row ages out by itself, should the store be away or a second signal cut this short.
        with suppress(StoreDown, SystemExit, KeyboardInterrupt):
            self._thread.join(1.0)  # its last word must not come after ours
            self._pass_on()
            (self._store or self._open()).forget(self.id)
