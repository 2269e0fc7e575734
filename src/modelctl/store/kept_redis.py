"""A Redis store as a control plane has it: what was acknowledged is on the control plane's own disk as well.

A Redis that was restarted empty, or with less than it had acknowledged, gets it back, under the same id and version:
for workers nothing has happened. Of several control planes the one that knows the newest version puts it back.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, NamedTuple

from modelctl.errors import ModelctlError, Stale, StoreDown
from modelctl.state.desired import DesiredState, digest
from modelctl.state.selection import (
    Head,
    HistoryEntry,
    Resting,
    Selections,
    resting_from_json,
    resting_to_json,
    selections_to_json,
)
from modelctl.store import desired_state, redis_history, redis_scripts, revision_parts
from modelctl.store.disk_copy import MOST_TOKENS, DiskCopy
from modelctl.store.overtaken import last_common, merged, returned
from modelctl.store.redis_address import RedisAddress, read_address
from modelctl.store.redis_errors import redis_as_store_down
from modelctl.store.redis_store import HEAD_FIELDS, RedisStore

CHUNK = 100  # lines of history that are mostly enough
TRIES = 10
log = logging.getLogger("modelctl")


class Picture(NamedTuple):
    """The store at one moment. `tokens` are by version, `lines` of history newest first."""

    head: Head
    tokens: dict[int, str]
    lines: list[HistoryEntry]
    resting: tuple[Resting, ...]


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
                head = self._catch_up()
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

    def _catch_up(self) -> Head:
        """With what other control planes have written; and they, with what we did and they never saw."""
        for _ in range(TRIES):
            seen, kept, same = self._picture(CHUNK), self._copy.head(), self._copied[0] == self._id
            if same and seen.head.version < kept.version:
                self._put_back(kept)
                continue
            common = last_common(self._copy.tokens() if same else {}, seen.tokens)
            known = common if common is not None else kept.version if same else 0
            if len(seen.lines) == CHUNK and seen.lines[-1].version > known:
                seen = self._picture(redis_history.KEPT)
            if common is not None:
                again = self._bring_back(seen, common)
                seen = self._picture(redis_history.KEPT)
                if again not in seen.tokens.values():
                    continue  # another was quicker, or it was lost once more
            new = [entry for entry in reversed(seen.lines) if entry.version > known]
            self._take(
                seen.head, desired=self._lacking(seen.head), resting=seen.resting, entries=new, tokens=seen.tokens,
                after=common,
            )  # fmt: skip
            return seen.head
        raise StoreDown(f"the store at {self.address} keeps losing what it acknowledged")

    def _picture(self, lines: int) -> Picture:
        """All of one moment: between two questions another store may have come to be there."""
        key = self._calls.key
        with redis_as_store_down(self.address):
            pipe = self._calls.redis.pipeline(transaction=True)
            pipe.hmget(key("head"), HEAD_FIELDS)
            pipe.hget(key("head"), "resting")
            pipe.lrange(key("commits"), 0, MOST_TOKENS - 1)
            pipe.lrange(key("history"), 0, lines - 1)
            fields, resting, tokens, history = pipe.execute()
        head = self._last = self._head_of(fields)
        return Picture(
            head, {head.version - at: token for at, token in enumerate(tokens)},
            [redis_history.entry_of(line) for line in history],
            resting_from_json(json.loads(resting)) if resting else (),
        )  # fmt: skip

    def _lacking(self, head: Head) -> DesiredState | None:
        lacks = head.revision is not None and not self._copy.holds(head.revision)
        return desired_state(self, head.revision) if head.revision and lacks else None

    def _bring_back(self, seen: Picture, common: int) -> str:
        """What we acknowledged and the store lost, over what others have done since.

        The token of that commit; '' where another was quicker.
        """
        kept, lost = self._copy.head(), self._copy.since(common)
        since = [entry for entry in seen.lines if entry.version > common]
        published = any(entry.action == "publish" for entry in lost)
        instead = any(entry.action == "publish" for entry in since)
        desired = desired_state(self._copy, kept.revision) if kept.revision and published and not instead else None
        chosen = merged(kept.selections, seen.head.selections, lost, since)
        log.warning("the Redis at %s had lost %d acknowledged changes: they are made again", self.address, len(lost))
        with suppress(Stale):
            super().commit(seen.head.version, desired=desired, selections=chosen, entries=returned(lost, time.time()))
            return self._token
        return ""

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
            self._bodies.write(revision_parts.bodies(desired, None))
        history = [json.dumps(asdict(entry)) for entry in self._copy.since(0)[: redis_history.KEPT]]
        tokens = [token for _, token in sorted(self._copy.tokens().items(), reverse=True)]
        answer = self._calls.eval(
            redis_scripts.RESTORE, ("head", "manifests", "order", "history", "commits"),
            self._copied[0], kept.version, kept.revision or "", revision_parts.stored(desired) if desired else "",
            json.dumps(selections_to_json(kept.selections)), json.dumps(resting_to_json(self._copy.resting())),
            self._calls.key("moved"), redis_scripts.FORMAT, len(tokens), *tokens, *history,
        )  # fmt: skip
        if answer[0] == "done":
            text = "the Redis at %s had lost what it acknowledged: version %d is put back"
            log.warning(text, self.address, kept.version)
        super()._open()


def open_redis(url: str, patience: float, copies: Path | None) -> RedisStore:
    address = read_address(url)
    return RedisStore(address, patience) if copies is None else KeptRedis(address, patience, copies)
