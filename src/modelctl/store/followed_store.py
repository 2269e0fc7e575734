"""The store of a worker that follows one on another host.

A thread asks for the head, which is answered as soon as there is a new one, and fetches what that names. Whoever reads
here reads memory: LiteLLM's loop waits for nobody. A copy on the worker's disk is what it boots on while the other host
is away. What is asked, and how, is the origin's: `http_origin`, `redis_origin`.
"""

from __future__ import annotations

import logging
import os
import random
import threading
import weakref
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NoReturn, TypeVar

from modelctl.errors import Problem, StoreDown
from modelctl.state.desired import Deployment, Provider
from modelctl.state.selection import Head, HistoryEntry, Resting, Worker
from modelctl.store.http_wire import SeenHead
from modelctl.store.mirror import FetchedRevision, Mirror
from modelctl.store.store_origin import StoreOrigin

WAIT_S = 20.0  # that an origin may take to answer that nothing is new
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.05, 2.0  # between two tries to reach it
KEPT = 3  # revisions in memory
T = TypeVar("T")
log = logging.getLogger("modelctl")


@dataclass(frozen=True)
class KnownState:
    """What is known of the other store. Replaced as a whole, so that readers need no lock.

    `revisions`: those that the head names, and the last ones before, which somebody may be reading.
    """

    seen: SeenHead
    revisions: dict[str, FetchedRevision] = field(default_factory=dict)

    @cached_property
    def bodies(self) -> dict[str, Deployment]:
        return {id_: body for each in self.revisions.values() for id_, body in each.deployments.items()}

    @property
    def named(self) -> dict[str, FetchedRevision]:
        names = (self.seen.head.revision, self.seen.proven)
        return {name: self.revisions[name] for name in names if name in self.revisions}


class FollowedStore:
    """As much of a `Store` as a worker needs. `mirror` None: there is no disk to keep a copy on."""

    def __init__(self, origin: StoreOrigin, mirror: Mirror | None = None, patience: float = 5.0) -> None:
        self._origin, self._mirror = origin, mirror
        self._known: KnownState | None = None
        self._trouble: str | None = None
        self._asked = threading.Event()  # the origin has answered once, or could not be reached
        self._rings = 0
        self._wakes = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC) if hasattr(os, "eventfd") else None
        if self._wakes is not None:
            weakref.finalize(self, os.close, self._wakes)  # never while the thread may write to it
        self._noted: tuple[int, str | None, str | None] | None = None  # the verdict that the disk has
        self._told: set[str] = set()
        self._ended = threading.Event()
        self._load()
        threading.Thread(target=self._follow, name="modelctl-store", daemon=True).start()
        self._asked.wait(patience)

    # -- reading: memory ------------------------------------------------------------------------

    @property
    def id(self) -> str:
        return self._now().seen.store

    def head(self) -> Head:
        return self._now().seen.head

    def proven(self) -> str | None:
        found = self._now()
        return found.seen.proven if found.seen.proven in found.revisions else None

    def manifest(self, revision: str) -> dict[str, Any]:
        return self._revision(revision).manifest

    def holds(self, revision: str) -> bool:
        return revision in self._now().revisions

    def deployments(self, ids: Iterable[str]) -> dict[str, Deployment]:
        bodies = self._now().bodies
        try:
            return {id_: bodies[id_] for id_ in ids}
        except KeyError:
            raise StoreDown("the copy of the store lacks a deployment that was asked for") from None

    def history(self, route: str | None = None, limit: int = 100) -> list[HistoryEntry]:
        """Only what asks workers for something."""
        return list(self._now().seen.asked[:limit])

    def bell(self) -> tuple[int, int]:
        return self._rings, 0

    def wakes(self) -> int | None:
        return self._wakes

    def _ring(self) -> None:
        self._rings += 1
        if self._wakes is not None:
            with suppress(OSError):  # a counter that is full wakes all the same
                os.eventfd_write(self._wakes, 1)

    def remarks(self) -> tuple[Problem, ...]:
        return ()

    def away(self) -> str | None:
        return self._trouble

    def moved(self) -> bool:
        """Another store at the origin is another `id`."""
        return False

    def renew(self) -> Head | None:
        return None

    def _now(self) -> KnownState:
        if self._known is None:
            raise StoreDown(self._trouble or "the store has not answered yet")
        return self._known

    def _revision(self, revision: str) -> FetchedRevision:
        found = self._now().revisions.get(revision)
        if found is None:
            raise StoreDown(f"revision {revision} has not been fetched")
        return found

    def now(self) -> float:
        return self._origin.now()

    # -- reporting ------------------------------------------------------------------------------

    def report(self, *workers: Worker) -> None:
        self._origin.report(*workers)
        for worker in workers:
            self._note(worker)

    def _note(self, worker: Worker) -> None:
        """What it takes or refuses decides what a start without the control plane begins with."""
        verdict = worker.version, worker.revision, worker.error
        if verdict != self._noted:
            self._noted = verdict
            self._on_disk(lambda mirror: mirror.report(worker))

    def forget(self, worker_id: str) -> None:
        self._origin.forget(worker_id)

    def close(self) -> None:
        """The one of a worker serves all its readers: see `end`."""

    def end(self) -> None:
        self._ended.set()
        self._origin.close()

    # -- what only a control plane does ---------------------------------------------------------

    def providers(self, digests: Sequence[str]) -> list[Provider]:
        return _not_here() if digests else []

    def commit(self, expect: int, **_: Any) -> Head:
        _not_here()

    def resting(self) -> tuple[Resting, ...]:
        _not_here()

    def workers(self) -> list[Worker]:
        _not_here()

    # -- following ------------------------------------------------------------------------------

    def _follow(self) -> None:
        tag, pause = None, FIRST_PAUSE_S
        while not self._ended.is_set():
            try:
                seen = self._origin.head(tag, WAIT_S if tag else 0)
                tag, pause = self._take(seen) if seen is not None else tag, FIRST_PAUSE_S
                self._asked.set()
            except Exception as error:  # a thread that ends follows nothing ever again
                self._lose(error)
                tag = None  # what counts is asked for at once: the next answer must not wait
                self._ended.wait(random.uniform(pause / 2, pause))
                pause = min(2 * pause, LONGEST_PAUSE_S)

    def _lose(self, error: Exception) -> None:
        if not isinstance(error, StoreDown):
            log.error("a bug in modelctl: the store cannot be followed, trying again", exc_info=error)
        before = self._trouble
        self._trouble = error.message if isinstance(error, StoreDown) else f"{type(error).__name__}: {error}"
        if before is None:
            self._ring()  # the worker says so
        self._asked.set()

    def _take(self, seen: SeenHead) -> str:
        """Everything that a head names is there before the head is seen. The tag of the head."""
        before = self._known.revisions if self._known else {}
        named = [name for name in (seen.proven, seen.head.revision) if name is not None]
        fetched = {name: before.get(name) or self._fetch(name, before) for name in named}
        others = {name: each for name, each in before.items() if name not in fetched}
        known = KnownState(seen, dict([*others.items(), *fetched.items()][-KEPT:]))
        if self._known is None or self._known.seen != seen or self._trouble is not None:
            self._known, self._trouble = known, None
            self._ring()
        self._on_disk(lambda mirror: mirror.adopt(seen, known.named))
        return seen.tag

    def _fetch(self, revision: str, before: dict[str, FetchedRevision]) -> FetchedRevision:
        manifest = self._origin.manifest(revision)
        ids: list[str] = manifest["deployments"]
        known = {id_: each.deployments[id_] for each in before.values() for id_ in ids if id_ in each.deployments}
        known |= self._on_disk(lambda mirror: mirror.some([id_ for id_ in ids if id_ not in known])) or {}
        lacking = [id_ for id_ in ids if id_ not in known]
        known |= self._origin.deployments(lacking) if lacking else {}
        return FetchedRevision(manifest, {id_: known[id_] for id_ in ids})

    # -- the copy on the disk -------------------------------------------------------------------

    def _load(self) -> None:
        found = self._on_disk(lambda mirror: mirror.last())
        if found is not None:
            self._known = KnownState(found[0], found[1])

    def _on_disk(self, work: Callable[[Mirror], T]) -> T | None:
        """A disk that is full or read-only costs the copy, and nothing else."""
        if self._mirror is None:
            return None
        try:
            self._mirror.renew()
            return work(self._mirror)
        except StoreDown as error:
            if error.message not in self._told:
                self._told.add(error.message)
                log.warning("no copy of the state is kept on this disk, a restart may lack it: %s", error.message)
            return None


def _not_here() -> NoReturn:
    raise StoreDown("that is not in a worker's copy of the store")
