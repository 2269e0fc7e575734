"""Builds the catalog and makes it live: what holds a build back, and what speaks against it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TypedDict

from modelctl.errors import Problem, Refused, Stale, StoreDown, errors_in
from modelctl.pipeline import Build, Builder
from modelctl.plan import Plan, Traffic, guards, plan_change, step_digest, takes_away
from modelctl.service.catalog_origin import Credit, EditedFolder, Origin
from modelctl.service.outcome import Outcome, Verdict
from modelctl.service.published import Published
from modelctl.state.desired import DesiredState
from modelctl.state.selection import Head
from modelctl.store import Store
from modelctl.system.collector import collector_paused

TRIES = 50  # only another process that writes at the same moment makes a commit stale
ALLOW_REMOVALS = "modelctl refresh --force"
CATALOG = "catalog"  # the actor of what nobody asked for by name
FORCE = "--force, if it is meant; it is recorded"
PLAN_AGAIN = "modelctl plan --against URL"


class PublishingOptions(TypedDict, total=False):
    """See `Publisher`."""

    manual: bool
    origin: Origin | None
    preflight: Callable[[DesiredState], Sequence[Problem]] | None


class Publisher:
    """`manual` holds builds back until `publish` is called with `force` or `apply`; `origin` says where the files come
    from; `preflight` what speaks against a revision that would replace one: it may take a minute.
    """

    def __init__(
        self,
        store: Store,
        builder: Builder | None,
        clock: Callable[[], float],
        *,
        manual: bool = False,
        origin: Origin | None = None,
        preflight: Callable[[DesiredState], Sequence[Problem]] | None = None,
    ) -> None:
        self.store = store
        self.manual = manual
        self.origin = origin or EditedFolder()
        self.problems: tuple[Problem, ...] = ()
        self.built: DesiredState | None = None  # the last build without errors, published or not
        self.building = threading.Lock()  # held while the catalog's files are read
        self._preflight = preflight or (lambda _: ())
        self._trying: str | None = None  # the revision whose preflight runs
        self._credited: Credit | None = None  # whose change was published last
        self._builder = builder
        self._prepared: Build | None = None
        self._clock = clock
        self._live = Published(store, clock)
        self._writing = self._live.writing

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
