"""Workers' reports in Redis: written when they say something new, read as far as they are new, gone by their age."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import asdict, replace

from modelctl.state.selection import Worker
from modelctl.store import redis_scripts
from modelctl.store.redis_bell import RedisBell
from modelctl.store.redis_calls import RedisCalls
from modelctl.store.store_clock import NEWS_S

KEEP_S = 3600.0  # a worker that has been silent for so long is forgotten
_KEYS = ("head", "workers", "said", "seen")


class RedisReports:
    """Of the reports that were read before, only those are read again that have changed."""

    def __init__(self, calls: RedisCalls, bell: RedisBell) -> None:
        self._calls, self._bell, self._lock = calls, bell, threading.Lock()
        self.forget_all()

    def forget_all(self) -> None:
        self._said: dict[str, Worker] = {}  # as they were written
        self._rows: dict[str, Worker] = {}  # as they are shown, by name
        self._known = ("", "0", "0", "0")  # the store's id, its counts of reports and of leavers, and its time
        self._ahead = 0.0  # seconds by which our clock is ahead of Redis's

    def write(self, id_: str, worker: Worker) -> bool:
        """False where another store is at the address. When it was said is told by Redis's clock."""
        text = json.dumps(asdict(replace(worker, at=0.0)))
        counts = int(worker.store in (None, id_))
        values = (
            id_, worker.id, text, worker.version, worker.revision or "", worker.error or "", counts,
            self._calls.key("spoke"), int(KEEP_S * 1000),
        )  # fmt: skip
        answer = self._calls.eval(redis_scripts.REPORT, (*_KEYS, "verdicts"), *values)
        if answer[0] == "done":
            self._bell.heard(reports=int(answer[1]))
        return bool(answer[0] != "moved")

    def remove(self, name: str) -> None:
        self._calls.eval(redis_scripts.FORGET, _KEYS, name, self._calls.key("spoke"))

    def read(self, id_: str) -> list[Worker]:
        with self._lock:
            return self._read(id_)

    def _read(self, id_: str) -> list[Worker]:
        answer = self._calls.eval(redis_scripts.WORKERS, _KEYS, *self._known)
        there, reports, left, whole, now, names, rows, times = answer
        if whole:
            self._said, self._rows = {}, {}
        for name, row in zip(names, rows, strict=True):
            if row is not None:
                worker = Worker.from_dict(json.loads(row))
                self._said[name] = worker if worker.store in (None, id_) else replace(worker, version=0)
        self._calls.clock.note(float(now) / 1000)
        self._set_clock(time.time() - self._calls.clock.now())
        self._known = (there or "", reports, left, now)
        before = len(self._rows)
        for name, seen in zip(times[::2], times[1::2], strict=True):
            if name in self._said:
                self._rows[name] = replace(self._said[name], at=float(seen) / 1000 + self._ahead)
        if len(self._rows) != before:
            self._rows = dict(sorted(self._rows.items()))
        return list(self._rows.values())

    def _set_clock(self, ahead: float) -> None:
        """How long an answer took is no news of the clocks."""
        if abs(ahead - self._ahead) > NEWS_S:
            self._rows = {name: replace(one, at=one.at + ahead - self._ahead) for name, one in self._rows.items()}
            self._ahead = ahead
