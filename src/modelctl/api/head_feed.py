"""The head for workers that follow over HTTP: read and written as JSON once for all who wait for it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass

from modelctl.api.replies import now
from modelctl.errors import StoreDown
from modelctl.service import Service
from modelctl.state.cooldown import CLEAR
from modelctl.store import Store
from modelctl.store.http_wire import MOST_ASKED, SeenHead

LOOK_EVERY_S = 0.004
RENEW_EVERY_S = 0.5


@dataclass(frozen=True)
class HeadReply:
    tag: str
    body: bytes


class HeadFeed:
    """One timer looks at the store's bell, which costs a memory read, while anybody waits; a change wakes them all."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._reply: HeadReply | None = None
        self._trouble: StoreDown | None = None
        self._mark: tuple[str, int, int] = ("", -1, -1)
        self._renewed = 0.0
        self._news = asyncio.Event()  # set and replaced at every change
        self._looking: asyncio.Task[None] | None = None
        self._waiting = 0
        self._reading = asyncio.Lock()
        self.ending: Callable[[], bool] = lambda: False  # whether the server shuts down: who waits must go first

    async def after(self, tag: str | None, seconds: float) -> HeadReply | None:
        """The head, once it is another than that of `tag`; None when the time is over. Raises StoreDown."""
        if tag is None or self._looking is None or self._looking.done():
            await self._look(fresh=tag is None)
        self._waiting += 1
        try:
            async with asyncio.timeout(seconds):
                while (reply := self._known()).tag == tag and not self.ending():
                    self._look_on()
                    await self._news.wait()
        except TimeoutError:
            return None
        finally:
            self._waiting -= 1
        return reply if reply.tag != tag else None

    def _known(self) -> HeadReply:
        if self._trouble is not None or self._reply is None:
            raise self._trouble or StoreDown("the store has not been read yet")
        return self._reply

    def _look_on(self) -> None:
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._watch())

    async def _watch(self) -> None:
        """Runs until nobody waits any more."""
        try:
            while self._waiting and not self.ending():
                await self._look()
                await asyncio.sleep(LOOK_EVERY_S)
        finally:
            self._wake()

    async def _look(self, *, fresh: bool = False) -> None:
        """`fresh`: also what workers have said since, which decides what a start begins with."""
        async with self._reading:  # who read first must not answer last
            await self._read(fresh)

    async def _read(self, fresh: bool) -> None:
        store = self._service.store
        try:
            if time.monotonic() - self._renewed >= RENEW_EVERY_S:
                await now(self._service)  # opens the store that is at the address now
                self._renewed = time.monotonic()
            mark = store.id, *store.bell()
            if self._trouble is None and (mark if fresh else mark[:2]) == (self._mark if fresh else self._mark[:2]):
                return
            seen = await asyncio.to_thread(_seen, store)
        except StoreDown as error:
            self._trouble = error
            return self._wake()
        body = json.dumps(seen.to_dict(), separators=(",", ":")).encode()
        self._mark, self._trouble, self._reply = mark, None, HeadReply(seen.tag, body)
        self._wake()

    def _wake(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()


def _seen(store: Store) -> SeenHead:
    asked = tuple(entry for entry in store.history(limit=MOST_ASKED) if entry.action == CLEAR)
    return SeenHead(store.head(), store.id, store.proven(), asked)
