"""A Redis store as the origin of a worker's store: it is never made here, and may be away at any time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from modelctl.errors import StoreDown
from modelctl.state.cooldown import CLEAR
from modelctl.state.desired import Deployment
from modelctl.state.selection import HistoryEntry, Worker
from modelctl.store.http_wire import MOST_ASKED, SeenHead
from modelctl.store.redis_address import RedisAddress
from modelctl.store.redis_store import RedisStore

FEW = 10  # lines of history that a new head brings at the most, nearly always


class RedisOrigin:
    """Opens the store when it is asked, and again after it was away or another one took its place."""

    def __init__(self, address: RedisAddress) -> None:
        self._address, self._lock = address, threading.Lock()
        self._store: RedisStore | None = None
        self._heard = -1  # what the bell said when the head was read last
        self._asked: list[HistoryEntry] = []
        self._time: Callable[[], float] = time.time  # of the store that was opened last
        self._version = 0  # up to which history was looked through

    def head(self, tag: str | None, wait: float) -> SeenHead | None:
        try:
            store = self._at_hand()
            if tag is not None:
                store.wait(self._heard, wait)
            self._heard = store.bell()[0]
            seen = self._seen(store)
        except StoreDown:
            self._drop()
            raise
        return seen if seen.tag != tag else None

    def manifest(self, revision: str) -> dict[str, Any]:
        return self._at_hand().manifest(revision)

    def deployments(self, ids: Sequence[str]) -> dict[str, Deployment]:
        return self._at_hand().deployments(ids)

    def now(self) -> float:
        return self._time()

    def report(self, *workers: Worker) -> None:
        try:
            self._at_hand().report(*workers)
        except StoreDown:
            self._drop()
            raise

    def forget(self, worker_id: str) -> None:
        self._at_hand().forget(worker_id)

    def close(self) -> None:
        self._drop()

    # -- inside --------------------------------------------------------------------------------

    def _at_hand(self) -> RedisStore:
        with self._lock:
            if self._store is None:
                self._store = RedisStore(self._address, create=False)
                self._time = self._store.now
            return self._store

    def _drop(self) -> None:
        with self._lock, suppress(StoreDown):
            store, self._store = self._store, None
            if store is not None:
                store.close()

    def _seen(self, store: RedisStore) -> SeenHead:
        head, refused, lines = store.look(FEW)
        if lines and lines[-1].version > self._version + 1:  # more has happened than those tell
            lines = store.history(limit=MOST_ASKED)
        asked = [entry for entry in lines if entry.action == CLEAR and entry.version > self._version]
        self._asked, self._version = [*asked, *self._asked][:MOST_ASKED], head.version
        return SeenHead(head, store.id, store.proven() if refused else None, tuple(self._asked))
