"""How a worker answers: ack or nack, to the store from a thread of its own, and to the log."""

from __future__ import annotations

import atexit
import logging
import os
import secrets
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Protocol

from modelctl.errors import StoreDown
from modelctl.hook.contract import litellm_version
from modelctl.hook.hook_state import Standing, State
from modelctl.hook.log import log
from modelctl.state.cooldown import RouterHealth
from modelctl.state.key_source import KeySource
from modelctl.state.selection import HistoryEntry, Worker
from modelctl.store import Store, worker_process
from modelctl.store.http_wire import MOST_ASKED

if TYPE_CHECKING:  # LiteLLM: whoever only reads or writes the store does without
    from modelctl.hook.apply import Applier

HEARTBEAT = 2.0  # seconds
LOOK = 0.5  # seconds between two looks for news that nobody brings: cooldowns


@dataclass(frozen=True, slots=True)
class WorkerReport:
    """Where the worker stands after a change. `left_out` are the deployments that LiteLLM refuses."""

    version: int
    revision: str | None
    error: str | None
    targets: dict[str, str]
    unset: tuple[str, ...]
    restart_needed: tuple[str, ...]
    deployments: int = 0
    took_ms: float | None = None
    state: str = Standing.RUNNING
    left_out: tuple[str, ...] = ()


def report_of(
    state: State,
    applier: Applier | None,
    took_ms: float,
    failure: str | None = None,
    *,
    standing: Standing | None = None,
) -> WorkerReport:
    """`failure` and `standing`: of the hook itself, where it could not do what was decided."""
    where = standing or state.standing
    error = failure or state.error
    if applier is None:
        return WorkerReport(state.version, None, error, {}, (), (), state=where)
    unset = frozenset[str]().union(*applier.router.unset.values()) if applier.router.unset else frozenset[str]()
    targets = {
        name: str(value.get("model") if isinstance(value, Mapping) else value)
        for name, value in applier.live.aliases.items()
    }
    return WorkerReport(
        version=state.version,
        revision=state.good.name if state.good is not None else None,
        error=error,
        targets=targets,
        unset=tuple(sorted(unset)),
        restart_needed=tuple(applier.settings.restart_needed(applier.live.deployments.values())),
        deployments=len(applier.owned),
        took_ms=round(took_ms, 2),
        state=where,
        left_out=tuple(str(each) for each in state.absent),
    )


class Reporter(Protocol):
    def say(self, report: WorkerReport) -> None: ...


_STANDING: dict[str, str] = {
    Standing.RUNNING: "cannot see whether %s has changed, still running what was read last",
    Standing.BOOTED_ON_PROVEN: "started on the last revision of %s that was taken",
    Standing.LOST: "LiteLLM lost a part of %s, which cannot be put back",
    Standing.FAILED: "cannot follow %s at the moment, trying again",
    Standing.UNSUPPORTED: "not following %s",
}
_REFUSED = "refused %s, still running the last good one"


def _left_out(report: WorkerReport) -> str:
    return f"; left out, as LiteLLM has dropped it: {', '.join(report.left_out)}" if report.left_out else ""


class LogReporter:
    """One line per applied or refused change."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._last: WorkerReport | None = None

    def say(self, report: WorkerReport) -> None:
        last, self._last = self._last, report
        restart = f"; restart needed for {', '.join(report.restart_needed)}" if report.restart_needed else ""
        if report.error is not None and last is not None and report.error == last.error:
            return  # a selection over a revision that stays refused
        if report.error is not None:
            log.error("%s: %s", _STANDING.get(report.state, _REFUSED).replace("%s", self._what), report.error)
            return
        rest = f"{_left_out(report)}{restart}"
        level = logging.WARNING if report.left_out else logging.INFO
        if last is None:
            count, names = report.deployments, len(report.targets)
            log.log(level, "running %s: %d deployments, %d aliases%s", self._what, count, names, rest)
        else:
            count, took = report.deployments, report.took_ms or 0
            log.log(level, "applied %s in %.1f ms: %d deployments%s", self._what, took, count, rest)


class FileReporter:
    """In file mode: once what this worker follows, then one line per applied or refused edit."""

    def __init__(self, path: str, note: Callable[[], str]) -> None:
        self._path, self._note = path, note
        self._first = True

    def say(self, report: WorkerReport) -> None:
        counts = f"{report.deployments} deployments, {len(report.targets)} aliases{self._rest(report)}"
        if report.state == Standing.UNSUPPORTED:
            text = f"not following {self._path}, an edit of it needs a restart: {report.error}"
        elif report.state == Standing.FAILED:
            text = f"cannot follow {self._path} at the moment, trying again: {report.error}"
        elif self._first:
            trouble = f"; {report.error}" if report.error else ""
            text = f"following {self._path}: edits go live without a restart; {counts}{trouble}"
        elif report.error is not None:
            text = f"refused the edit of {self._path}, still running the last good state: {report.error}"
        else:
            text = f"applied the edit of {self._path} in {report.took_ms or 0:.1f} ms: {counts}"
        self._first = False
        log.log(logging.ERROR if report.error else logging.INFO, "%s (worker %d)", text, os.getpid())

    def _rest(self, report: WorkerReport) -> str:
        unset = f"; not set in the environment: {', '.join(report.unset)}" if report.unset else ""
        restart = f"; restart needed for {', '.join(report.restart_needed)}" if report.restart_needed else ""
        return f"{_left_out(report)}{unset}{restart}{self._note()}"


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
        said = {key: value for key, value in asdict(report).items() if key != "deployments"}
        said |= {"unset": report.unset, "restart_needed": report.restart_needed, "left_out": report.left_out}
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
            **said,
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
