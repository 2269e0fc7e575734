"""A Redis store as a control plane has it: what was acknowledged is on the control plane's own disk as well.

A Redis that was restarted empty, or with less than it had acknowledged, gets it back, under the same id and version:
for workers nothing has happened. Of several control planes the one that knows the newest version puts it back.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from modelctl.errors import ModelctlError
from modelctl.state.desired import DesiredState, digest
from modelctl.state.selection import Head, HistoryEntry, Resting, Selections, resting_to_json, selections_to_json
from modelctl.store import desired_state, redis_scripts, revision_parts
from modelctl.store.disk_copy import MOST_TOKENS, DiskCopy
from modelctl.store.overtaken import last_common, merged, returned
from modelctl.store.redis_address import RedisAddress, read_address
from modelctl.store.redis_errors import redis_as_store_down
from modelctl.store.redis_store import KEEP_HISTORY, RedisStore

CHUNK = 100  # lines of history
log = logging.getLogger("modelctl")


class KeptRedis(RedisStore):
    """`folder`: where copies are, one for each store that was ever used from here."""

    def __init__(self, address: RedisAddress, patience: float, folder: Path) -> None:
        self._copy = DiskCopy(folder / digest([str(address), address.name]), patience)
        version = self._copy.head().version
        self._copied = self._copy.id, version, self._copy.tokens().get(version, "")
        self._trouble: str | None = None  # with the copy
        super().__init__(address, patience)

    def _open(self) -> None:
        super()._open()
        there, kept = self._there(), self._copy.head()
        lost = not there.version or (self._copied[0] == self._id and there.version < kept.version)
        if kept.version and lost:
            self._put_back(kept)

    def head(self) -> Head:
        with self._lock:
            head = super().head()
            if head.version and self._copied != (self._id, head.version, self._token):
                head = self._catch_up(head)
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
            if self._last.version != expect or self._copied != (self._id, expect, self._token):
                self.head()  # what was lost is brought back first
            head = super().commit(expect, desired=desired, selections=selections, entries=entries, resting=resting)
            lines = [replace(entry, version=head.version) for entry in entries]
            self._take(head, desired=desired, resting=resting, entries=lines, tokens={head.version: self._token})
        return head

    def close(self) -> None:
        super().close()
        self._copy.close()

    # -- inside --------------------------------------------------------------------------------

    def _catch_up(self, head: Head) -> Head:
        """With what other control planes have written; and they, with what we did and they never saw."""
        tokens = self._tokens(head.version)
        ours = self._copy.tokens() if self._copied[0] == self._id else {}
        common = last_common(ours, tokens)
        if common is not None:
            head = self._bring_back(head, self._copy.since(common), self._since(common))
            tokens = self._tokens(head.version)
        known = common if common is not None else self._copied[1] if self._copied[0] == self._id else 0
        new = [entry for entry in self._since(known) if entry.version <= head.version]
        lacks = head.revision is not None and not self._copy.holds(head.revision)
        desired = desired_state(self, head.revision) if head.revision and lacks else None
        self._take(
            head, desired=desired, resting=self.resting(), entries=new[::-1], tokens=tokens, after=common,
        )  # fmt: skip
        return head

    def _since(self, version: int) -> list[HistoryEntry]:
        """The history beyond that version, newest first."""
        found: list[HistoryEntry] = []
        for start in range(0, KEEP_HISTORY, CHUNK):
            entries = self._lines(start, CHUNK)
            found += [entry for entry in entries if entry.version > version]
            if len(entries) < CHUNK or entries[-1].version <= version:
                break
        return found

    def _tokens(self, version: int) -> dict[int, str]:
        """Of the last commits, by version. The list may be a commit ahead of the head that was read."""
        with redis_as_store_down(self.address):
            found = self._redis.lrange(self._key("commits"), 0, MOST_TOKENS - 1)
        ahead = found.index(self._token) if self._token in found else 0
        return {version - at: token for at, token in enumerate(found[ahead:])}

    def _bring_back(self, head: Head, lost: Sequence[HistoryEntry], since: Sequence[HistoryEntry]) -> Head:
        """What we acknowledged and the store lost, over what others have done since."""
        kept = self._copy.head()
        published = any(entry.action == "publish" for entry in lost)
        instead = any(entry.action == "publish" for entry in since)
        desired = desired_state(self._copy, kept.revision) if kept.revision and published and not instead else None
        chosen = merged(kept.selections, head.selections, lost, since)
        log.warning("the Redis at %s had lost %d acknowledged changes: they are made again", self.address, len(lost))
        return super().commit(head.version, desired=desired, selections=chosen, entries=returned(lost, time.time()))

    def _take(self, head: Head, **what: Any) -> None:
        """A disk that is full costs the copy, and no selection."""
        try:
            self._copy.renew()
            self._copy.take(self._id, head, **what)
            self._copied, self._trouble = (self._id, head.version, self._token), None
        except ModelctlError as error:
            if error.message != self._trouble:
                log.error("what is acknowledged is not copied to this disk: %s", error.message)
            self._trouble = error.message

    def _put_back(self, kept: Head) -> None:
        desired = desired_state(self._copy, kept.revision) if kept.revision else None
        if desired is not None:
            self._upload(revision_parts.bodies(desired, None))
        history = [json.dumps(asdict(entry)) for entry in self._copy.since(0)[:KEEP_HISTORY]]
        tokens = [token for _, token in sorted(self._copy.tokens().items(), reverse=True)]
        answer = self._eval(
            redis_scripts.RESTORE, ("head", "manifests", "order", "history", "commits"),
            self._copied[0], kept.version, kept.revision or "", revision_parts.stored(desired) if desired else "",
            json.dumps(selections_to_json(kept.selections)), json.dumps(resting_to_json(self._copy.resting())),
            self._key("moved"), redis_scripts.FORMAT, len(tokens), *tokens, *history,
        )  # fmt: skip
        if answer[0] == "done":
            text = "the Redis at %s had lost what it acknowledged: version %d is put back"
            log.warning(text, self.address, kept.version)
        super()._open()


def open_redis(url: str, patience: float, copies: Path | None) -> RedisStore:
    address = read_address(url)
    return RedisStore(address, patience) if copies is None else KeptRedis(address, patience, copies)
