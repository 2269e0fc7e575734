"""Reading the desired state and the selections from the store."""

from __future__ import annotations

import os
import time
from collections.abc import Generator, Mapping
from typing import Any

from modelctl.desired import Deployment, DesiredState, LiveConfig, live
from modelctl.errors import StoreDown
from modelctl.hook.apply import Nack
from modelctl.routes import next_change, targets
from modelctl.selection import Head
from modelctl.store import Store


class StoreSource:
    """Follows the head: a new revision, a selection, and the end of a time limit are all the same thing."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._bell = -1
        self._head = Head()
        self._desired = DesiredState({})  # of `_head`
        self._good = self._desired  # the last one that the Router took, of `revision`
        self._turn_at: float | None = None  # when a time limit next ends
        self.version = 0
        self.revision: str | None = None
        self.trouble: str | None = None

    def boot(self) -> LiveConfig | None:
        """What to boot on; None when nothing has been published yet. Raises `StoreDown`."""
        if self._store.head().revision is None:
            return None
        work = self.fetch()
        try:
            while True:
                next(work)
        except StopIteration as done:
            booted: LiveConfig = done.value
            return booted

    def due(self) -> bool:
        return self._store.bell()[0] != self._bell or (self._turn_at is not None and time.time() >= self._turn_at)

    def look(self) -> bool:
        try:
            return self._store.head().version != self._head.version
        except StoreDown:
            return False  # the last good state serves on; the reporter says that the store is away

    def fetch(self) -> Generator[None, None, LiveConfig | None]:
        self._bell = self._store.bell()[0]
        try:
            head = self._store.head()
            if head.revision is None:
                return None
            self.version = head.version
            if head.revision != self._head.revision:
                self._desired = yield from self._read(self._store.manifest(head.revision))
        except StoreDown as error:
            raise Nack(error.message) from error
        if head.revision != self._head.revision:
            self.trouble = None
        self._head = head
        now = time.time()
        self._turn_at = next_change(head.selections, now)
        # A refused revision stays refused; the selections of later heads go on over the last good one.
        desired = self._good if self.trouble else self._desired
        return live(desired, targets(desired.routes, head.selections, now))

    def booted(self, dropped: list[Deployment]) -> None:
        """Nothing to remember: the first change tries the dropped entries again, and says which fail."""

    def applied(self) -> None:
        if not self.trouble:
            self._good, self.revision = self._desired, self._head.revision

    def refused(self, why: str) -> None:
        self.trouble = why
        self._bell = -1  # look once more: selections that came with it apply to the last good state

    def _read(self, manifest: Mapping[str, Any]) -> Generator[None, None, DesiredState]:
        known = self._desired.deployments
        lacking = [id_ for id_ in manifest["deployments"] if id_ not in known]
        fetched: dict[str, Deployment] = {}
        yield
        for start in range(0, len(lacking), 100):
            fetched |= self._store.deployments(lacking[start : start + 100])
            yield
        desired = DesiredState.from_manifest(manifest, {**known, **fetched})
        set_env_defaults(desired.env_defaults)
        return desired


def set_env_defaults(defaults: Mapping[str, str]) -> None:
    """The catalog's defaults for variables that are no secret; what is set wins."""
    for name, value in defaults.items():
        if not os.environ.get(name):
            os.environ[name] = value
