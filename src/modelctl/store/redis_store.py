"""A store in Redis or Valkey, for control planes and workers on many hosts.

All keys have one hash tag, so that a cluster keeps them together, and every change is one Lua script. Keys, values:

    head       id, version, token of its commit, revision, selections, resting;
               counts: reports, left (workers that went), swept
    manifests  revision -> manifest        order     revisions, by the version that published them
    bodies     digest -> body              verdicts  revision -> 1 taken, 0 only refused
    workers    id -> report                said, seen  ids, by the number and by the time (ms) of their last report
    history    newest first                commits   tokens of the last commits, newest first
"""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from typing import Any

from modelctl.errors import Problem, Stale, StoreDown
from modelctl.state.desired import Deployment, DesiredState, Provider
from modelctl.state.selection import (
    Head,
    HistoryEntry,
    Resting,
    Selections,
    Worker,
    resting_from_json,
    resting_to_json,
    selections_from_json,
    selections_to_json,
)
from modelctl.store import redis_checks, redis_history, redis_scripts, revision_parts
from modelctl.store.redis_address import RedisAddress
from modelctl.store.redis_bell import RedisBell
from modelctl.store.redis_bodies import RedisBodies
from modelctl.store.redis_calls import RedisCalls
from modelctl.store.redis_errors import redis_as_store_down
from modelctl.store.redis_reports import RedisReports
from modelctl.store.revision_parts import KEEP_REVISIONS, SWEEP_EVERY

HEAD_FIELDS = ["id", "version", "revision", "selections", "token"]
_TRIES = 20  # of a commit beside which others sweep


class RedisStore:
    """Safe to share between threads. A commit is as durable as the Redis is: see `redis_checks`."""

    def __init__(self, address: RedisAddress, patience: float = 5.0, *, create: bool = True) -> None:
        self.address, self._create = address, create
        self._lock = threading.RLock()
        self._written: DesiredState | None = None  # the last revision that we wrote
        self._last, self._token = Head(), ""  # the head as it was seen last, and the token of its commit
        self._calls = RedisCalls(address, patience)
        self._bodies = RedisBodies(self._calls)
        self._remarks: tuple[Problem, ...] = ()
        key = self._calls.key
        self._bell = RedisBell(
            self._calls.connect, key("head"), (key("moved"), key("spoke")), beside=self._look_at_server
        )
        self._reports = RedisReports(self._calls, self._bell)
        self._open()

    def _look_at_server(self, client: Any) -> None:
        self._calls.read_clock(client)
        self._remarks = redis_checks.remarks(redis_checks.server_info(client, self.address), self.address)

    def _open(self) -> None:
        with redis_as_store_down(self.address):
            info = redis_checks.server_info(self._calls.redis, self.address)
            redis_checks.refuse_unfit(info, self.address)
            self._calls.read_clock(self._calls.redis)
        self._remarks = redis_checks.remarks(info, self.address)
        name = secrets.token_hex(8) if self._create else ""
        id_, written = self._calls.eval(redis_scripts.OPEN, ("head",), name, redis_scripts.FORMAT)
        if id_ is None:
            raise StoreDown(f"the Redis at {self.address} holds no store `{self.address.name}` yet")
        if int(written or 0) > redis_scripts.FORMAT:
            text = f"a newer modelctl has written the store `{self.address.name}` at {self.address}"
            raise StoreDown(text, hint="run the newer modelctl, or give this one another `?name=`")
        self._id = str(id_)
        self._bell.seen = self._id
        self._written = None
        self._reports.forget_all()

    @property
    def id(self) -> str:
        return self._id

    def now(self) -> float:
        return self._calls.clock.now()

    # -- reading -------------------------------------------------------------------------------

    def head(self) -> Head:
        self._last = self._there()
        return self._last

    def _there(self) -> Head:
        return self._head_of(self._calls.do("hmget", "head", HEAD_FIELDS))

    def _head_of(self, fields: Sequence[Any]) -> Head:
        id_, version, revision, selections, token = fields
        if id_ != self._id:
            self._bell.seen = id_ or ""
            raise StoreDown(f"the store at {self.address} was emptied or replaced")
        self._token = token or ""
        return Head(int(version), revision, selections_from_json(json.loads(selections)))

    def look(self, lines: int) -> tuple[Head, bool, list[HistoryEntry]]:
        """In one question: the head, whether its revision was only refused, and the newest lines of history."""
        key = self._calls.key
        with redis_as_store_down(self.address):
            pipe = self._calls.redis.pipeline(transaction=False)
            pipe.hmget(key("head"), HEAD_FIELDS)
            pipe.hgetall(key("verdicts"))
            pipe.lrange(key("history"), 0, lines - 1)
            found, verdicts, entries = pipe.execute()
        head = self._last = self._head_of(found)
        return head, verdicts.get(head.revision) == "0", [redis_history.entry_of(line) for line in entries]

    def wait(self, version: int, seconds: float) -> None:
        """Until the bell says another version, or something is wrong."""
        self._bell.wait(version, seconds)

    def manifest(self, revision: str) -> dict[str, Any]:
        found = self._bodies.manifest(revision)
        if found is None:
            raise StoreDown(f"the store does not hold revision {revision}")
        return found

    def holds(self, revision: str) -> bool:
        return self._bodies.is_whole(revision)

    def proven(self) -> str | None:
        return self._bodies.proven()

    def deployments(self, ids: Iterable[str]) -> dict[str, Deployment]:
        return {digest: Deployment(**body) for digest, body in self._bodies.read(list(ids)).items()}

    def providers(self, digests: Sequence[str]) -> list[Provider]:
        bodies = self._bodies.read(list(digests))
        return [Provider.from_dict(bodies[digest]) for digest in digests]

    def resting(self) -> tuple[Resting, ...]:
        text = self._calls.do("hget", "head", "resting")
        return resting_from_json(json.loads(text)) if text else ()

    def history(self, route: str | None = None, limit: int = 100) -> list[HistoryEntry]:
        return redis_history.read(self._calls, route, limit)

    def workers(self) -> list[Worker]:
        """`at` is by this process's clock, however the clocks of the others go."""
        self._bell.listen_for_reports()
        return self._reports.read(self._id)

    def bell(self) -> tuple[int, int]:
        return self._bell.read()

    def wakes(self) -> int | None:
        return None  # control planes open it, and ask

    # -- writing -------------------------------------------------------------------------------

    def commit(
        self,
        expect: int,
        *,
        desired: DesiredState | None = None,
        selections: Selections | None = None,
        entries: Sequence[HistoryEntry] = (),
        resting: Sequence[Resting] | None = None,
    ) -> Head:
        lines = [json.dumps(asdict(replace(entry, version=expect + 1))) for entry in entries]
        chosen = "" if selections is None else json.dumps(selections_to_json(selections))
        rests = "" if resting is None else json.dumps(resting_to_json(resting))
        token = secrets.token_hex(8)
        with self._lock:
            before = self.head() if self._last.version != expect else self._last
            known = self._token
            for _ in range(_TRIES):
                swept, manifest = self._store_bodies(desired, before)
                answer = self._calls.eval(
                    redis_scripts.COMMIT, ("head", "manifests", "order", "history", "verdicts", "commits"),
                    self._id, expect, token, chosen, rests, desired.revision if desired else "", manifest, swept,
                    self._calls.key("moved"), KEEP_REVISIONS, redis_history.KEPT, known, *lines,
                )  # fmt: skip
                if answer[0] != "swept":
                    break
            else:
                raise StoreDown(f"other processes keep sweeping the store at {self.address}")
            version = self._version_of(answer, expect)
            revision = desired.revision if desired else before.revision
            head = self._last = Head(version, revision, before.selections if selections is None else selections)
            self._written, self._token = desired or self._written, token
        self._bell.heard(version=version)
        if answer[2] and version % SWEEP_EVERY == 0:
            self._bodies.sweep(version)
        return head

    def _version_of(self, answer: list[Any], expect: int) -> int:
        if answer[0] == "moved":
            self._bell.seen = ""
            raise Stale(f"the store at {self.address} was emptied or replaced", hint="read again")
        if answer[0] == "stale":
            raise Stale(f"the state is at version {answer[1]}, not {expect}")
        return int(answer[1])

    def report(self, *workers: Worker) -> None:
        if not all(self._reports.write(self._id, worker) for worker in workers):
            self._bell.seen = ""
            raise StoreDown(f"the store at {self.address} was emptied or replaced")

    def forget(self, worker_id: str) -> None:
        self._reports.remove(worker_id)

    def remarks(self) -> tuple[Problem, ...]:
        return self._remarks

    def away(self) -> str | None:
        return None

    def moved(self) -> bool:
        return self._bell.seen != self._id

    def renew(self) -> Head | None:
        with self._lock:
            there, version = self._calls.do("hmget", "head", ["id", "version"])
            if there == self._id and int(version) >= self._last.version:
                return None
            before, last = self._id, self._last
            self._open()
            self._last, self._token = Head(), ""
            return last if self._id != before else None

    def close(self) -> None:
        self._bell.close()
        self._calls.close()

    def _store_bodies(self, desired: DesiredState | None, before: Head) -> tuple[str, str]:
        """How often bodies were swept before, and the manifest."""
        if desired is None:
            return "", ""
        kept = self._written
        sure = kept is not None and before.revision == kept.revision != desired.revision
        return self._bodies.write(revision_parts.bodies(desired, kept if sure else None)), revision_parts.stored(
            desired
        )
