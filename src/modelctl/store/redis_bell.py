"""Hears of changes in Redis, in a thread: pub/sub makes it quick, a look every half second makes it sure."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from redis.exceptions import RedisClusterException, RedisError

LOOK_EVERY_S = 0.5
BESIDE_EVERY_S = 30.0
PAUSE_S = 0.5  # the longest between two tries to connect
_FAILURES = (RedisError, RedisClusterException, OSError, ValueError)  # bytes that are no answer are a ValueError
log = logging.getLogger("modelctl")


class RedisBell:
    """`version` and `reports` count commits and reports; `seen` is the id of the store that was seen last.

    The thread begins with the first `read`: who never listens costs no connection. `beside` is called with the
    thread's client, once it is connected and seldom after that.
    """

    def __init__(
        self, connect: Callable[[], Any], head: str, channels: tuple[str, str], *, beside: Callable[[Any], None]
    ) -> None:
        self._connect, self._head, self._channels, self._beside = connect, head, channels, beside
        self._started, self._ended = threading.Lock(), threading.Event()
        self._thread: threading.Thread | None = None
        self._wanted: set[str] = {channels[0]}
        self._more = False
        self._news = threading.Condition()
        self._lost = 0  # how often the connection was
        self.version, self.reports, self.seen = 0, 0, ""

    def read(self) -> tuple[int, int]:
        if self._thread is None:
            self._start()
        return self.version, self.reports

    def listen_for_reports(self) -> None:
        """Only who reads reports is woken by them: there may be thousands of workers."""
        if self._channels[1] not in self._wanted:
            self._wanted.add(self._channels[1])
            self._more = True

    def heard(self, version: int | None = None, reports: int | None = None) -> None:
        """What this process did itself, or has just read."""
        self.version = self.version if version is None else max(version, self.version)
        self.reports = self.reports if reports is None else max(reports, self.reports)

    def wait(self, version: int, seconds: float) -> None:
        """Until `version` is another, another store is there, or the connection is lost: then a look tells more."""
        self.read()
        before = self._lost, self.seen
        with self._news:
            self._news.wait_for(lambda: (self._lost, self.seen) != before or self.version != version, seconds)

    def close(self) -> None:
        self._ended.set()
        self._tell()

    def _tell(self) -> None:
        with self._news:
            self._news.notify_all()

    # -- inside, in the thread ---------------------------------------------------------------------

    def _start(self) -> None:
        with self._started:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="modelctl-bell", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                self._listen()
            except _FAILURES:
                pass  # who asks the store is told
            except Exception:  # a thread that ends hears nothing ever again
                log.exception("a bug in modelctl: the store's bell cannot be heard, listening again")
            self._lost += 1
            self._tell()
            self._ended.wait(random.uniform(0.05, PAUSE_S))  # not all at once, when it is back

    def _listen(self) -> None:
        client = self._connect()
        pubsub = client.pubsub(ignore_subscribe_messages=True)
        try:
            self._subscribe(pubsub)
            beside = 0.0
            while not self._ended.is_set():
                self._look(client)
                if time.monotonic() >= beside:
                    self._beside(client)
                    beside = time.monotonic() + BESIDE_EVERY_S
                until = time.monotonic() + LOOK_EVERY_S * random.uniform(0.8, 1.2)
                while (left := until - time.monotonic()) > 0 and not self._ended.is_set():
                    self._take(pubsub.get_message(timeout=left))
                    if self._more:
                        self._subscribe(pubsub)
        finally:
            with suppress(*_FAILURES):
                pubsub.close()
            with suppress(*_FAILURES):
                client.close()

    def _subscribe(self, pubsub: Any) -> None:
        self._more = False
        pubsub.subscribe(*self._wanted)

    def _take(self, message: Any) -> None:
        if message is None or message["type"] != "message":
            return
        if message["channel"] == self._channels[0]:
            self.version = int(message["data"])
            self._tell()
        else:
            self.reports = int(message["data"])

    def _look(self, client: Any) -> None:
        id_, version, reports = client.hmget(self._head, "id", "version", "reports")
        before = self.seen, self.version
        self.seen, self.version, self.reports = id_ or "", int(version or 0), int(reports or 0)
        if before != (self.seen, self.version):
            self._tell()
