"""Reading heads and revisions from the store: I/O alone, as events for `decide`."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import suppress
from typing import Any

from modelctl.errors import StoreDown
from modelctl.hook.events import Event, Fetch, Fetched, HeadSeen, KeepRunning, RouterBorn, StoreAway
from modelctl.hook.hook_state import State, at_boot
from modelctl.hook.revisions import StoredRevision
from modelctl.hook.stepwise import to_end
from modelctl.litellm_spec.hot_settings import restart_needed
from modelctl.state.desired import Deployment
from modelctl.state.desired_json import from_manifest
from modelctl.store import Store

OFTEN = 0.005  # seconds between two looks at a bell that wakes nobody
SELDOM = 0.05  # the same, at one that does: a ring of another host may wake nobody here
DEAF = 3  # rings in a row that woke nobody: the file system does not tell of them


class StoreReader:
    """A new revision and a selection are both a new head; the bell tells of it, a full look makes sure."""

    def __init__(self, open_: Callable[[], Store]) -> None:
        self._open = open_
        self._store: Store | None = None
        self._time: Callable[[], float] = time.time  # of the store that was open last
        self._bell = -1
        self._seen = False  # whether any head was
        self._rung: Callable[[], None] | None = None
        self._wakes: int | None = None  # the descriptor that the loop listens to
        self._woken = False
        self._missed = 0
        self._known: Mapping[str, Deployment] = {}  # of the revision that was read last

    def boot(self) -> State:
        """Where to start; without any revision when nothing has been published yet, or nothing can be read."""
        try:
            store = self._at_hand()
            head = store.head()
            self._seen = True
            if head.revision is None:
                return State()
            newest = to_end(self._read(store, head.revision))
            before = store.proven()
            proven = to_end(self._read(store, before)) if before is not None else None
        except StoreDown as error:
            self._close()
            return State(away=error.message)
        cold = proven is not None and bool(restart_needed(proven.desired.settings, newest.desired.settings))
        return at_boot(newest, head, store.id, proven, only_boot_brings=cold)

    def listen(self, rung: Callable[[], None]) -> None:
        self._rung = rung
        self._listen_to(self._store)

    def pause(self) -> float:
        return SELDOM if self._wakes is not None and self._missed < DEAF else OFTEN

    def now(self) -> float:
        return self._time()

    def due(self) -> bool:
        due = self._store is not None and self._store.bell()[0] != self._bell
        if due:
            self._missed = 0 if self._woken else self._missed + 1
        self._woken = False
        return due

    def look(self) -> Event | None:
        try:
            store = self._at_hand()
            self._bell = store.bell()[0]
            if self._seen and (why := store.away()) is not None:
                return StoreAway(why)
            head, self._seen = store.head(), True  # the first may be of a copy, which is better than nothing
            return HeadSeen(head, store.id)
        except StoreDown as error:
            return self._lose(error)

    def fetch(self, asked: Fetch) -> Generator[None, None, Event]:
        revision = asked.head.revision
        assert revision is not None
        try:
            read = yield from self._read(self._at_hand(), revision)
        except StoreDown as error:
            return self._lose(error)
        return Fetched(read, asked.head, asked.store)

    def born(self, dropped: list[Deployment]) -> Event:
        return RouterBorn(tuple(dropped))

    def keep(self, good: KeepRunning) -> None:
        """The store has it."""

    # -- inside --------------------------------------------------------------------------------

    def _at_hand(self) -> Store:
        if self._store is not None and self._store.moved():
            self._close()
        if self._store is None:
            self._store = self._open()
            self._time = self._store.now
            self._listen_to(self._store)
        return self._store

    def _listen_to(self, store: Store | None) -> None:
        wakes = store.wakes() if store is not None and self._rung is not None else None
        if wakes is not None:
            with suppress(NotImplementedError):  # a loop that cannot listen to descriptors
                asyncio.get_running_loop().add_reader(wakes, self._hear, wakes)
                self._wakes, self._missed = wakes, 0

    def _hear(self, wakes: int) -> None:
        with suppress(OSError):
            os.read(wakes, 4096)
        self._woken = True
        if self._rung is not None:
            self._rung()

    def _lose(self, error: StoreDown) -> StoreAway:
        self._close()
        return StoreAway(error.message)

    def _close(self) -> None:
        if self._wakes is not None:  # before it is closed: its number may soon belong to something else
            asyncio.get_running_loop().remove_reader(self._wakes)
            self._wakes = None
        if self._store is not None:
            self._store.close()
        self._store = None

    def _read(self, store: Store, revision: str) -> Generator[None, None, StoredRevision]:
        manifest: Mapping[str, Any] = store.manifest(revision)
        lacking = [id_ for id_ in manifest["deployments"] if id_ not in self._known]
        fetched: dict[str, Deployment] = {}
        yield
        for start in range(0, len(lacking), 100):
            fetched |= store.deployments(lacking[start : start + 100])
            yield
        desired = from_manifest(manifest, {**self._known, **fetched})
        self._known = desired.deployments
        return StoredRevision(revision, desired)
