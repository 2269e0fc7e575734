"""One object that the API and `serve` share. Every method is quick, synchronous and thread-safe."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from modelctl.errors import Problem, Refused, Stale, StoreDown, errors_in
from modelctl.pipeline import Build, Builder
from modelctl.plan import Plan, Traffic, guards, plan_change, step_digest, takes_away
from modelctl.service import block_requests, selecting
from modelctl.service.agreement import Since, agreement
from modelctl.service.answer_types import Agreement, Supervisor
from modelctl.service.block_requests import BlockChange, BlockRequest
from modelctl.service.catalog_origin import Credit, EditedFolder, Origin
from modelctl.service.model_index import Index
from modelctl.service.outcome import BlockOutcome, Outcome, Verdict, WriteOutcome
from modelctl.service.published import Published
from modelctl.service.selecting import SelectionChange, SelectRequest
from modelctl.service.snapshot import Snapshot, living
from modelctl.service.worker_answers import refusals
from modelctl.state import routes
from modelctl.state.alerting import AlertsLook
from modelctl.state.budgeting import Spent
from modelctl.state.desired import DesiredState
from modelctl.state.guarding import GuardLook
from modelctl.state.proving import ProofStand
from modelctl.state.selection import Head, HistoryEntry, Worker
from modelctl.store import Store
from modelctl.system.collector import collector_paused

if TYPE_CHECKING:
    from modelctl.service.webhook import Webhook  # a type alone: httpx would cost every command 60 ms

Change = TypeVar("Change", SelectionChange, BlockChange)
TRIES = 50  # only another process that writes at the same moment makes a commit stale
ALLOW_REMOVALS = "modelctl refresh --force"
CATALOG = "catalog"  # the actor of what nobody asked for by name
FORCE = "--force, if it is meant; it is recorded"
PLAN_AGAIN = "modelctl plan --against URL"


class Service:
    """`manual` holds builds back until `publish` is called with `force` or `apply`."""

    def __init__(
        self,
        store: Store,
        builder: Builder | None = None,
        *,
        manual: bool = False,
        render_is_current: Callable[[DesiredState], bool | None] | None = None,
        progress: Callable[[], Supervisor | None] = lambda: None,
        beside: Callable[[], Sequence[Problem]] = tuple,
        origin: Origin | None = None,
        preflight: Callable[[DesiredState], Sequence[Problem]] | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.store = store
        self.manual = manual
        self.problems: tuple[Problem, ...] = ()
        self.built: DesiredState | None = None  # the last build without errors, published or not
        self.progress = progress  # what the `up` that runs us is starting at this moment
        self.beside = beside  # problems outside the catalog and the workers
        self.noted: dict[str, tuple[Problem, ...]] = {}  # problems by their source: guards, budgets, alerts
        self.budgets: tuple[Spent, ...] = ()  # today's
        self.delivery: Webhook | None = None  # what becomes of alerts
        self.proofs: Mapping[str, ProofStand] = {}  # those that run, by route
        self.origin = origin or EditedFolder()
        self._preflight = preflight or (
            lambda _: ()
        )  # what speaks against a revision that is not live yet; may take a minute
        self._trying: str | None = None  # the revision whose preflight runs
        self._credited: Credit | None = None  # whose change was published last
        self._since = Since(clock)
        self.guards: tuple[GuardLook, ...] = ()
        self.alerts: AlertsLook | None = None  # None: nothing says where alerts go
        self._builder = builder
        self._render_is_current = render_is_current
        self._clock = clock
        self._live = Published(store, clock)
        self._writing = self._live.writing
        self.building = threading.Lock()  # held while the catalog's files are read
        self._prepared: Build | None = None
        self._index: Index | None = None  # built on demand: right after a publish the workers need the CPU
        self._snapshot: Snapshot | None = None
        self._bell: tuple[str, tuple[int, int]] | None = (
            None  # the store's id and its counters when the snapshot was taken
        )

    # -- reading -------------------------------------------------------------------------------

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
        snapshot = Snapshot(head, self._indexed(head), living(self.store.workers(), time.time()), now)
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
        return (*self.beside(), *self.origin.problems(), *noted, *refusals(state), *self.problems)

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

    # -- publishing ----------------------------------------------------------------------------

    def publish(
        self, *, actor: str = CATALOG, force: bool = False, apply: bool = False, prepared: bool = False
    ) -> Outcome:
        """Build the catalog and make it live. Errors leave the last good revision live.

        `force` lets through what the removal guard holds; `apply` lets a build through in manual mode;
        `prepared`: the files are as they were when `prepare` was called last.
        """
        with self.building, collector_paused():
            build = (self._prepared if prepared else None) or self._build()
            self._prepared = None
            outcome = self._decide(build, actor, force, apply)
            self.problems = outcome.problems
            return outcome

    def refresh(self, *, force: bool = False) -> None:
        """Bring the catalog's files up to date where they come from elsewhere. Raises ModelctlError."""
        self.origin.refresh(self.building, force=force)

    def prepare(self) -> bool | None:
        """Build, and keep what comes out for a `publish` of the same files.

        Returns whether it would remove something that is live; None where it cannot be published.
        """
        with self.building, collector_paused():
            self._prepared = None
            build = self._prepared = self._build()
            if build.desired is None or errors_in(build.problems):
                return None
            before = self._live.before(self._live.head())
            return before is not None and takes_away(before, build.desired)

    def plan(self, week: Traffic | None = None) -> Plan:
        """What publishing the catalog would change now. Raises CheckFailed when it has errors."""
        with self.building:
            desired = self._build().sound()
            return plan_change(self._live.before(self._live.head()), desired, week)

    def apply(self, digest: str, *, actor: str, force: bool = False) -> Outcome:
        """Publish exactly the plan that `digest` names.

        Raises Stale when the catalog or what is live is no longer what was reviewed, and Refused for what
        the guards hold (unless forced).
        """
        with self.building:
            build = self._build()
            build.sound()
            outcome = self._decide(build, actor, force, apply=True, digest=digest)
            self.problems = outcome.problems
            if outcome.verdict == "refused":
                raise Refused("the plan needs force", problems=errors_in(outcome.problems), hint=FORCE)
            return outcome

    def _build(self) -> Build:
        assert self._builder is not None, "a service without a builder only reads and selects"
        return self._builder.build()

    def _decide(self, build: Build, actor: str, force: bool, apply: bool, *, digest: str | None = None) -> Outcome:
        problems = tuple(build.problems)
        if build.desired is None or errors_in(problems):
            return Outcome("refused", self._live.head().revision, problems)
        self.built = build.desired
        tried = force  # a preflight takes its time: selections go on meanwhile
        for _ in range(TRIES):
            with self._writing:
                head = self._live.head()
                if digest is not None and digest != step_digest(head.revision, build.desired.revision):
                    raise Stale("that is not the plan for what is live and in the catalog now", hint=PLAN_AGAIN)
                same = head.revision == build.desired.revision
                if same and self.store.holds(build.desired.revision):
                    return Outcome("unchanged", head.revision, problems)
                # The live revision is missing from the store: write it again, which needs no approval.
                held = [] if same else self._held(head, build.desired, force, apply)
                if held:
                    verdict: Verdict = "refused" if errors_in(held) else "held"
                    return Outcome(verdict, head.revision, (*problems, *held))
                protects = not same and head.revision is not None  # something is live that this would replace
                if (tried or not protects) and self._commit(head, build.desired, actor):
                    return Outcome("published", build.desired.revision, problems)
            against = () if tried or not protects else self._tried(build.desired)
            if against:
                return Outcome("refused", head.revision, (*problems, *against))
            tried = True
        raise StoreDown("another process keeps writing to the store")

    def _tried(self, desired: DesiredState) -> tuple[Problem, ...]:
        self._trying = desired.revision
        try:
            return tuple(self._preflight(desired))
        finally:
            self._trying = None

    def _commit(self, head: Head, desired: DesiredState, actor: str) -> bool:
        credit = self.origin.credit()
        fresh = credit if credit != self._credited else None
        who = fresh.actor if fresh and actor == CATALOG else actor
        done = self._live.commit(head, desired, who, fresh.reason if fresh else None)
        self._credited = credit if done else self._credited
        return done

    def _held(self, head: Head, desired: DesiredState, force: bool, apply: bool) -> list[Problem]:
        before = self._live.before(head)
        held = [] if force else guards(before, desired, ALLOW_REMOVALS)
        if not held and self.manual and before and not (apply or force):
            text = f"revision {desired.revision} is checked and waits to be published"
            held = [Problem("not-published", text, severity="info", hint="modelctl refresh")]
        return held

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
            return block_requests.block(ask, snapshot.head, snapshot.need(), self._clock())

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
