"""Reading the desired state and the selections from the store."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import replace
from typing import Any

from modelctl.desired import Deployment, DesiredState, LiveConfig, live
from modelctl.errors import StoreDown
from modelctl.hook.log import log
from modelctl.hook.steps import to_end
from modelctl.routes import covers, next_change, targets
from modelctl.selection import Head, Selections
from modelctl.store import Store

EMPTIED = "it is a new one, and nothing has been published to it yet"


class StoreSource:
    """Follows the head: a new revision, a selection, and the end of a time limit are all the same thing.

    A store that cannot be read changes nothing: what was read last goes on, time limits included, and
    every full look tries again.
    """

    def __init__(self, open_: Callable[[], Store]) -> None:
        self._open = open_
        self._store: Store | None = None
        self._away: str | None = None  # why the store cannot be read at the moment
        self._refused: str | None = None  # why the revision of `_head` does not run
        self._bell = -1
        self._head = Head()
        self._of: str | None = None  # the store that was read last
        self._desired: DesiredState | None = None  # of `_head`
        self._good: DesiredState | None = None  # the last one that the Router took, of `revision`
        self._turn_at: float | None = None  # when a time limit next ends
        self.version = 0
        self.revision: str | None = None

    @property
    def trouble(self) -> str | None:
        return self._refused or self._away

    def boot(self) -> LiveConfig | None:
        """What to boot on; None when nothing has been published yet, or nothing can be read."""
        booted = to_end(self.fetch())
        return self._before_a_refused_one() or booted

    def due(self) -> bool:
        if self._turn_at is not None and time.time() >= self._turn_at:
            return True
        return self._store is not None and self._store.bell()[0] != self._bell

    def look(self) -> bool:
        try:
            store = self._at_hand()
            head = store.head()
        except StoreDown as error:
            self._lose(error.message)
            return False
        if self._emptied(head):
            return self._miss(EMPTIED)
        return head != self._head or self._away is not None or store.id != self._of

    def fetch(self) -> Generator[None, None, LiveConfig | None]:
        head = yield from self._newest()
        if head.revision is None:
            return None
        self._head = head
        self._turn_at = next_change(head.selections, time.time())
        # A refused revision stays refused; the selections of later heads go on over the last good one.
        desired = self._good if self._refused else self._desired
        return self._pointed(desired) if desired else None

    def booted(self, dropped: list[Deployment]) -> None:
        """The rest of what the worker booted on is the good state: the dropped entries are not tried again."""
        if dropped and self._desired is not None:
            gone = {each.id for each in dropped}
            kept = {id_: each for id_, each in self._desired.deployments.items() if id_ not in gone}
            self._good = replace(self._desired, deployments=kept)
            names = ", ".join(f"`{each.group}` ({each.params.get('model')})" for each in dropped)
            self._refused = f"LiteLLM dropped at boot: {names}"

    def applied(self) -> None:
        if not self._refused:
            self._good, self.revision = self._desired, self._head.revision

    def refused(self, why: str) -> None:
        if not self._refused:
            self._bell = -1  # look once more: selections that came with it apply to the last good state
        self._refused = why

    # -- inside --------------------------------------------------------------------------------

    def _before_a_refused_one(self) -> LiveConfig | None:
        """Where workers have refused the newest revision, the last one that was taken.

        LiteLLM boots on what is left of a bad config, so a start would let parts of the refused edit into traffic. It
        is tried again right after boot, as a change: whole, or not at all.
        """
        try:
            store = self._at_hand()
            revision = store.proven()
            if revision is None:
                return None
            self._desired = self._good = to_end(self._read(store, store.manifest(revision)))
        except StoreDown:
            return None
        self._head, self.revision, self._bell = replace(self._head, revision=revision), revision, -1
        return self._pointed(self._desired)

    def _pointed(self, desired: DesiredState) -> LiveConfig:
        """With the target that each route has now."""
        possible = _possible(desired, self._head.selections)
        return live(desired, targets(desired.routes, possible, time.time()))

    def _newest(self) -> Generator[None, None, Head]:
        """The head with its revision read; the one of before while the store is away."""
        try:
            store = self._at_hand()
            self._bell = store.bell()[0]
            head = store.head()
            if self._emptied(head):
                self._of, self.version = store.id, head.version
                self._miss(EMPTIED)
                return self._head
            if head.revision is not None and head.revision != self._head.revision:
                self._desired = yield from self._read(store, store.manifest(head.revision))
                self._refused = None
        except StoreDown as error:
            self._lose(error.message)
            return self._head
        if self._away is not None:
            log.info("the store is back")
            self._away = None
        self._of, self.version = store.id, head.version
        return head

    def _at_hand(self) -> Store:
        if self._store is not None and self._store.moved():
            self._close()
        if self._store is None:
            self._store = self._open()
        return self._store

    def _emptied(self, head: Head) -> bool:
        """Another store is there, in which nothing has been published yet."""
        return head.revision is None and self._head.revision is not None

    def _lose(self, why: str) -> None:
        self._miss(why)
        self._close()

    def _miss(self, why: str) -> bool:
        """Whether that is news."""
        before, self._away = self._away, why
        if before is None:
            log.warning("cannot read the store, going on with what was read last: %s", why)
        return before != why

    def _close(self) -> None:
        if self._store is not None:
            self._store.close()
        self._store = None

    def _read(self, store: Store, manifest: Mapping[str, Any]) -> Generator[None, None, DesiredState]:
        known = self._desired.deployments if self._desired else {}
        lacking = [id_ for id_ in manifest["deployments"] if id_ not in known]
        fetched: dict[str, Deployment] = {}
        yield
        for start in range(0, len(lacking), 100):
            fetched |= store.deployments(lacking[start : start + 100])
            yield
        return DesiredState.from_manifest(manifest, {**known, **fetched})


def _possible(desired: DesiredState, selections: Selections) -> Selections:
    """Without those of models that only a refused revision has: a route must not lead nowhere."""
    names = desired.public_names if selections else set()
    return {route: tuple(one for one in stack if covers(names, one.target)) for route, stack in selections.items()}
