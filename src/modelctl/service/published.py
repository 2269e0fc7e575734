"""The live revision: the store's head, the desired state behind it, and the only way to replace it."""

from __future__ import annotations

import threading
from collections.abc import Callable

from modelctl.errors import Stale, StoreDown
from modelctl.service import grace
from modelctl.state.desired import DesiredState
from modelctl.state.selection import Head, HistoryEntry
from modelctl.store import Store, desired_state


class Published:
    """Survives the loss of the store: a new empty store gets the head of the store that it replaces."""

    def __init__(self, store: Store, clock: Callable[[], float]) -> None:
        self.store, self.writing = store, threading.RLock()
        self._clock = clock
        self._desired: DesiredState | None = None  # the live desired state, as last read
        self._lost: Head | None = (
            None  # head of a store that was deleted or replaced under us, until a store has a head again
        )

    def renew(self) -> None:
        """Open the store that is at the address now."""
        lost = self.store.renew()
        if lost is not None:
            self._lost = lost

    def head(self) -> Head:
        """The head of the store that is at the address now; an empty store first gets the head of its predecessor."""
        self.renew()
        head = self.store.head()
        if self._lost is not None:
            with self.writing:
                self._restore(head)
            head = self.store.head()
        return head

    def _restore(self, head: Head) -> None:
        if head.version:
            self._lost = None  # the store at the address has a head of its own: it counts
        elif self._desired is not None:
            self.commit(head, self._desired, "catalog")

    def desired(self, revision: str) -> DesiredState:
        """Raises StoreDown where the store cannot be read, or has lost it."""
        kept = self._desired
        if kept is None or kept.revision != revision:
            kept = self._desired = desired_state(self.store, revision)
        return kept

    def before(self, head: Head) -> DesiredState | None:
        """The live desired state; None where there is none, or the store lost it (the next publish goes ahead)."""
        try:
            return self.desired(head.revision) if head.revision else None
        except StoreDown:
            if self.store.holds(head.revision or ""):
                raise
            return None

    def commit(self, head: Head, desired: DesiredState, actor: str, reason: str | None = None) -> bool:
        """False where the head has moved: decide again."""
        now = self._clock()
        lost = None if head.version else self._lost
        selections, resting, ended = grace.settle(desired, (lost or head).selections, self.store.resting(), now)
        entry = HistoryEntry(
            "publish", now, actor, before=head.revision, after=desired.revision, revision=desired.revision,
            reason="the store was deleted or replaced by an empty one" if lost else reason,
        )  # fmt: skip
        try:
            entries = [entry, *ended]
            self.store.commit(head.version, desired=desired, selections=selections, entries=entries, resting=resting)
        except Stale:
            return False
        self._desired, self._lost = desired, None
        return True
