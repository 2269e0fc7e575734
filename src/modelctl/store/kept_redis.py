"""A Redis store as a control plane has it: what was acknowledged is on the control plane's own disk as well.

A Redis that was restarted empty, or with less than it had acknowledged, gets it back, under the same id and version:
for workers nothing has happened. Of several control planes the one that knows the newest version puts it back.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

from modelctl.errors import ModelctlError
from modelctl.state.desired import DesiredState, digest
from modelctl.state.selection import Head, HistoryEntry, Resting, Selections, resting_to_json, selections_to_json
from modelctl.store import desired_state, redis_scripts, revision_parts
from modelctl.store.disk_copy import DiskCopy
from modelctl.store.redis_address import RedisAddress, read_address
from modelctl.store.redis_store import RedisStore

HISTORY = 1000  # lines that are put back, and that are caught up with at once
log = logging.getLogger("modelctl")


class KeptRedis(RedisStore):
    """`folder`: where copies are, one for each store that was ever used from here."""

    def __init__(self, address: RedisAddress, patience: float, folder: Path) -> None:
        self._copy = DiskCopy(folder / digest([str(address), address.name]), patience)
        self._copied = self._copy.id, self._copy.head().version
        self._trouble: str | None = None  # with the copy
        super().__init__(address, patience)

    def _open(self) -> None:
        super()._open()
        there, kept = self._there(), self._copy.head()
        lost = not there.version or (self._copied[0] == self._id and there.version < kept.version)
        if kept.version and lost:
            self._put_back(kept)

    def head(self) -> Head:
        head = super().head()
        if head.version and self._copied != (self._id, head.version):
            self._catch_up(head)
        return head

    def commit(
        self,
        expect: int,
        *,
        desired: DesiredState | None = None,
        selections: Selections | None = None,
        entries: Sequence[HistoryEntry] = (),
        resting: Sequence[Resting] | None = None,
    ) -> Head:
        with self._lock:
            head = super().commit(expect, desired=desired, selections=selections, entries=entries, resting=resting)
            if self._copied != (self._id, head.version - 1):
                self._catch_up(head)
            else:
                lines = [replace(entry, version=head.version) for entry in entries]
                self._take(head, desired, resting, lines)
        return head

    def close(self) -> None:
        super().close()
        self._copy.close()

    # -- inside --------------------------------------------------------------------------------

    def _catch_up(self, head: Head) -> None:
        """With what other control planes have written."""
        with self._lock:
            known = self._copied[1] if self._copied[0] == self._id else 0
            new = [entry for entry in self.history(limit=HISTORY) if known < entry.version <= head.version]
            lacks = head.revision is not None and not self._copy.holds(head.revision)
            desired = desired_state(self, head.revision) if head.revision and lacks else None
            self._take(head, desired, self.resting(), new[::-1])

    def _take(
        self,
        head: Head,
        desired: DesiredState | None,
        resting: Sequence[Resting] | None,
        entries: Sequence[HistoryEntry],
    ) -> None:
        """A disk that is full costs the copy, and no selection."""
        try:
            self._copy.renew()
            self._copy.take(self._id, head, desired=desired, resting=resting, entries=entries)
            self._copied, self._trouble = (self._id, head.version), None
        except ModelctlError as error:
            if error.message != self._trouble:
                log.error("what is acknowledged is not copied to this disk: %s", error.message)
            self._trouble = error.message

    def _put_back(self, kept: Head) -> None:
        desired = desired_state(self._copy, kept.revision) if kept.revision else None
        if desired is not None:
            self._upload(revision_parts.bodies(desired, None))
        history = [json.dumps(asdict(entry)) for entry in self._copy.history(limit=HISTORY)]
        answer = self._eval(
            redis_scripts.RESTORE, ("head", "manifests", "order", "history", "commits"),
            self._copied[0], kept.version, kept.revision or "", revision_parts.stored(desired) if desired else "",
            json.dumps(selections_to_json(kept.selections)), json.dumps(resting_to_json(self._copy.resting())),
            self._key("moved"), redis_scripts.FORMAT, *history,
        )  # fmt: skip
        if answer[0] == "done":
            log.warning(
                "the Redis at %s had lost what it acknowledged: put back version %d", self.address, kept.version
            )
        super()._open()


def open_redis(url: str, patience: float, copies: Path | None) -> RedisStore:
    address = read_address(url)
    return RedisStore(address, patience) if copies is None else KeptRedis(address, patience, copies)
