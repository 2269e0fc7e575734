"""One object that the API and `serve` share. Every method is quick, synchronous and thread-safe."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar, Unpack

from modelctl.errors import Problem, Stale, StoreDown
from modelctl.pipeline import Builder
from modelctl.service import block_requests, selecting
from modelctl.service.agreement import Since, agreement
from modelctl.service.block_requests import BlockChange, BlockRequest
from modelctl.service.model_index import Index
from modelctl.service.outcome import BlockOutcome, WriteOutcome
from modelctl.service.publishing import TRIES, Publisher, PublishingOptions
from modelctl.service.selecting import SelectionChange, SelectRequest
from modelctl.service.snapshot import Snapshot, living, silent
from modelctl.service.status_answer_types import Agreement, Supervisor
from modelctl.service.worker_answers import refusals, silences
from modelctl.state import routes
from modelctl.state.alerting import AlertsLook
from modelctl.state.budgeting import Spent
from modelctl.state.desired import DesiredState
from modelctl.state.guarding import GuardLook
from modelctl.state.proving import ProofStand
from modelctl.state.selection import Head, HistoryEntry, Worker
from modelctl.store import Store

if TYPE_CHECKING:
    from modelctl.service.webhook import Webhook  # a type alone: httpx would cost every command 60 ms

Change = TypeVar("Change", SelectionChange, BlockChange)


class Service(Publisher):
    """What is read, published and selected. The arguments that are not named here are those of `Publisher`."""

    def __init__(
        self,
        store: Store,
        builder: Builder | None = None,
        *,
        render_is_current: Callable[[DesiredState], bool | None] | None = None,
        progress: Callable[[], Supervisor | None] = lambda: None,
        beside: Callable[[], Sequence[Problem]] = tuple,
        clock: Callable[[], float] = time.time,
        **publishing: Unpack[PublishingOptions],
    ) -> None:
        super().__init__(store, builder, clock, **publishing)
        self.progress = progress  # what the `up` that runs us is starting at this moment
        self.beside = beside  # problems outside the catalog and the workers
        self.noted: dict[str, tuple[Problem, ...]] = {}  # problems by their source: guards, budgets, alerts
        self.budgets: tuple[Spent, ...] = ()  # today's
        self.delivery: Webhook | None = None  # what becomes of alerts
        self.proofs: Mapping[str, ProofStand] = {}  # those that run, by route
        self._since = Since(clock)
        self.guards: tuple[GuardLook, ...] = ()
        self.alerts: AlertsLook | None = None  # None: nothing says where alerts go
        self._render_is_current = render_is_current
        self._index: Index | None = None  # built on demand: right after a publish the workers need the CPU
        self._snapshot: Snapshot | None = None
        self._bell: tuple[str, tuple[int, int]] | None = (
            None  # the store's id and its counters when the snapshot was taken
        )

    # -- reading -------------------------------------------------------------------------------

    def now(self) -> float:
        """UTC seconds, by the clock that ends time limits."""
        return self._clock()

    def fresh(self) -> Snapshot | None:
        """The cached snapshot, while it is valid; reads no more than the bell and the clock."""
        cached = self._snapshot
        valid = cached is not None and self._bell == self._ring() and cached.now <= self._clock() < cached.until
        return cached if valid else None

    def snapshot(self) -> Snapshot:
        """What counts now. Raises StoreDown."""
        cached = self.fresh()
        if cached is not None:
            return cached
        self._live.renew()  # first, since two stores may have equal counters
        bell, now = self._ring(), self._clock()
        head = self._live.head()
        workers, moment = self.store.workers(), time.time()
        snapshot = Snapshot(head, self._indexed(head), living(workers, moment), now, silent(workers, moment))
        self._snapshot, self._bell = snapshot, bell
        return snapshot

    def _ring(self) -> tuple[str, tuple[int, int]]:
        return self.store.id, self.store.bell()

    @property
    def last(self) -> Snapshot | None:
        """The last snapshot, however old: for when the store is down."""
        return self._snapshot

    def troubles(self, state: Snapshot) -> tuple[Problem, ...]:
        """All problems: of the catalog, of the workers, and of the surroundings."""
        noted = (problem for each in list(self.noted.values()) for problem in each)
        return (*self.beside(), *self.origin.problems(), *noted, *refusals(state), *silences(state), *self.problems)

    def agreement(self, state: Snapshot) -> Agreement:
        """Whether catalog, store and workers agree, and since when."""
        built = self.built.revision if self.built else None
        if self._trying:
            return self._since(("pending", f"revision {self._trying} is tried before it goes live"))
        return self._since(agreement(state, built, self.problems, self.origin.stale()))

    def workers(self) -> tuple[Worker, ...]:
        return living(self.store.workers(), time.time())

    def history(self, route: str | None, limit: int) -> list[HistoryEntry]:
        return self.store.history(route, limit)

    def _indexed(self, head: Head) -> Index | None:
        if head.revision is None:
            return None
        desired, index = self._live.desired(head.revision), self._index
        if index is None or index.desired is not desired:
            index = self._index = Index(desired)  # kept in a local: another thread may replace the attribute
        return index

    def render_current(self) -> bool | None:
        """Whether the committed `litellm_config.yaml` says what the catalog says; None when unknown."""
        return self._render_is_current(self.built) if self._render_is_current and self.built else None

    # -- selecting -----------------------------------------------------------------------------

    def select(self, ask: SelectRequest, expect: int | None = None) -> WriteOutcome:
        """Durable when this returns. `expect` is the version that the caller saw: Stale if it moved on.

        Raises NotFound, Refused, Stale, StoreDown; with `dry_run` nothing is written.
        """
        selecting.verify(ask)

        def step(snapshot: Snapshot) -> SelectionChange:
            return selecting.select(ask, snapshot.head, snapshot.need(), snapshot.unset, now=self._clock())

        return WriteOutcome(*self._change(step, expect, dry_run=ask.dry_run))

    def block(self, ask: BlockRequest, expect: int | None = None) -> BlockOutcome:
        """Take a model out of traffic. Raises as `select` does."""
        block_requests.verify(ask)

        def step(snapshot: Snapshot) -> BlockChange:
            return block_requests.block(ask, snapshot.head, snapshot.need(), snapshot.unset, now=self._clock())

        return BlockOutcome(*self._change(step, expect, dry_run=ask.dry_run))

    def unblock(self, model_id: str, actor: str, reason: str | None = None, expect: int | None = None) -> BlockOutcome:
        """Let a model back into traffic; Refused where it is not blocked."""

        def step(snapshot: Snapshot) -> BlockChange:
            head, index = snapshot.head, snapshot.need()
            return block_requests.unblock(model_id, actor, reason, head=head, index=index, now=self._clock())

        return BlockOutcome(*self._change(step, expect))

    def rollback(self, route: str, actor: str, reason: str | None = None, expect: int | None = None) -> WriteOutcome:
        """Take back the last selection in effect on `route`; Refused when there is none."""

        def step(snapshot: Snapshot) -> SelectionChange:
            return selecting.rollback(route, actor, reason, snapshot.head, index=snapshot.need(), now=self._clock())

        return WriteOutcome(*self._change(step, expect))

    def act(self, step: Callable[[Snapshot], SelectionChange]) -> WriteOutcome:
        """A change that the control plane makes by itself. `step` is called again if the head moved."""
        return WriteOutcome(*self._change(step, None))

    def note(self, entry: HistoryEntry) -> Head:
        """Append to history alone: the new version tells workers to look."""
        for _ in range(TRIES):
            with self._writing:
                try:
                    return self.store.commit(self.snapshot().head.version, entries=[entry])
                except Stale:
                    self._bell = None
        raise StoreDown("another process keeps writing to the store")

    def _change(
        self, step: Callable[[Snapshot], Change], expect: int | None, dry_run: bool = False
    ) -> tuple[Head, Change]:
        for _ in range(TRIES):
            with self._writing:
                snapshot = self.snapshot()
                if expect is not None and snapshot.head.version != expect:
                    raise Stale(f"the state is at version {snapshot.head.version}, not {expect}", hint="read again")
                next_step = step(snapshot)
                if dry_run or not next_step.entries:
                    return snapshot.head, next_step
                try:
                    head = self.store.commit(
                        snapshot.head.version, selections=next_step.selections, entries=next_step.entries
                    )
                except Stale:
                    self._bell = None
                    continue
                return head, next_step
        raise StoreDown("another process keeps writing to the store")

    def sweep(self) -> float | None:
        """Drops expired selections; returns when the next time limit ends (UTC seconds)."""
        with self._writing:
            snapshot = self.snapshot()
            now = self._clock()
            head = snapshot.head
            selections, entries = selecting.expire(head, snapshot.desired, now)
            selections, unblocked = block_requests.ended(replace(head, selections=selections), snapshot.desired, now)
            entries += unblocked
            try:
                if selections != head.selections:
                    head = self.store.commit(head.version, selections=selections, entries=entries)
            except Stale:
                self._bell = None
                raise
            return routes.next_change(head.selections, now)
