"""Workers' reports in Redis: written when they say something new, read as far as they are new, gone by their age."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

from modelctl.state.selection import Worker
from modelctl.store import redis_scripts
from modelctl.store.redis_bell import RedisBell

KEEP_S = 3600.0  # a worker that has been silent for so long is forgotten
_KEYS = ("head", "workers", "said", "seen")


class RedisReports:
    """Of the reports that were read before, only those are read again that have changed."""

    def __init__(self, key: Callable[[str], str], bell: RedisBell) -> None:
        self._key, self._bell, self._lock = key, bell, threading.Lock()
        self.forget_all()

    def forget_all(self) -> None:
        self._rows: dict[str, Worker] = {}
        self._known = ("", "0", "0")  # the store's id, and its counts of reports and of leavers

    def write(self, redis: Any, id_: str, worker: Worker) -> bool:
        """False where another store is at the address. When it was said is told by Redis's clock."""
        text = json.dumps(asdict(replace(worker, at=0.0)))
        counts = int(worker.store in (None, id_))
        values = (
            id_, worker.id, text, worker.version, worker.revision or "", worker.error or "", counts,
            self._key("spoke"), int(KEEP_S * 1000),
        )  # fmt: skip
        keys = [self._key(name) for name in (*_KEYS, "verdicts")]
        answer = redis.eval(redis_scripts.REPORT, len(keys), *keys, *values)
        if answer[0] == "done":
            self._bell.heard(reports=int(answer[1]))
        return bool(answer[0] != "moved")

    def remove(self, redis: Any, name: str) -> None:
        redis.eval(redis_scripts.FORGET, len(_KEYS), *map(self._key, _KEYS), name, self._key("spoke"))

    def read(self, redis: Any, id_: str) -> list[Worker]:
        with self._lock:
            return self._read(redis, id_)

    def _read(self, redis: Any, id_: str) -> list[Worker]:
        answer = redis.eval(redis_scripts.WORKERS, len(_KEYS), *map(self._key, _KEYS), *self._known)
        there, reports, left, whole, now, names, rows, times = answer
        if whole:
            self._rows = {}
        for name, row in zip(names, rows, strict=True):
            if row is not None:
                self._rows[name] = Worker.from_dict(json.loads(row))
        self._known = (there or "", reports, left)
        seen = dict(zip(times[::2], map(float, times[1::2]), strict=True))
        here = time.time() - float(now) / 1000
        return [
            replace(one, at=seen.get(name, 0.0) / 1000 + here, version=one.version if _of(one, id_) else 0)
            for name, one in sorted(self._rows.items())
        ]


def _of(worker: Worker, id_: str) -> bool:
    """The versions of another store say nothing about the heads of this one."""
    return worker.store in (None, id_)
