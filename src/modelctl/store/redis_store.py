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
from collections.abc import Callable, Iterable, Mapping, Sequence
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
from modelctl.store import redis_checks, redis_scripts, revision_parts
from modelctl.store.redis_address import RedisAddress, connect_redis
from modelctl.store.redis_bell import RedisBell
from modelctl.store.redis_errors import redis_as_store_down
from modelctl.store.redis_reports import RedisReports
from modelctl.store.revision_parts import KEEP_REVISIONS, SWEEP_EVERY

KEEP_HISTORY = 20_000  # lines
_CHUNK = 500
_TRIES = 20  # of a commit beside which others sweep


class RedisStore:
    """Safe to share between threads. A commit is as durable as the Redis is: see `redis_checks`."""

    def __init__(self, address: RedisAddress, patience: float = 5.0, *, create: bool = True) -> None:
        self.address, self._patience, self._create = address, patience, create
        self._lock = threading.RLock()
        self._written: DesiredState | None = None  # the last revision that we wrote
        self._last, self._token = Head(), ""  # the head as it was seen last, and the token of its commit
        with redis_as_store_down(address):
            self._redis = connect_redis(address, patience)
        self._remarks: tuple[Problem, ...] = ()
        self._bell = RedisBell(
            self._connect, self._key("head"), (self._key("moved"), self._key("spoke")), beside=self._look_at_server
        )
        self._reports = RedisReports(self._key, self._bell)
        self._open()

    def _connect(self) -> Any:
        return connect_redis(self.address, self._patience)

    def _key(self, name: str) -> str:
        return f"{self.address.tag}:{name}"

    def _look_at_server(self, client: Any) -> None:
        self._remarks = redis_checks.remarks(redis_checks.server_info(client, self.address), self.address)

    def _open(self) -> None:
        with redis_as_store_down(self.address):
            info = redis_checks.server_info(self._redis, self.address)
        redis_checks.refuse_unfit(info, self.address)
        self._remarks = redis_checks.remarks(info, self.address)
        name = secrets.token_hex(8) if self._create else ""
        id_, written = self._eval(redis_scripts.OPEN, ("head",), name, redis_scripts.FORMAT)
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

    # -- reading -------------------------------------------------------------------------------

    def head(self) -> Head:
        self._last = self._there()
        return self._last

    def _there(self) -> Head:
        return self._head_of(self._hmget("head", "id", "version", "revision", "selections", "token"))

    def _head_of(self, fields: Sequence[Any]) -> Head:
        id_, version, revision, selections, token = fields
        if id_ != self._id:
            self._bell.seen = id_ or ""
            raise StoreDown(f"the store at {self.address} was emptied or replaced")
        self._token = token or ""
        return Head(int(version), revision, selections_from_json(json.loads(selections)))

    def look(self, lines: int) -> tuple[Head, bool, list[HistoryEntry]]:
        """What a worker needs to know, in one question: the head, whether its revision was only refused, and the
        newest lines of history.
        """
        with redis_as_store_down(self.address):
            pipe = self._redis.pipeline(transaction=False)
            pipe.hmget(self._key("head"), "id", "version", "revision", "selections", "token")
            pipe.hgetall(self._key("verdicts"))
            pipe.lrange(self._key("history"), 0, lines - 1)
            head, verdicts, entries = pipe.execute()
        self._last = self._head_of(head)
        return (
            self._last,
            verdicts.get(self._last.revision) == "0",
            [HistoryEntry(**json.loads(one)) for one in entries],
        )

    def wait(self, version: int, seconds: float) -> None:
        """Until the bell says another version than this one, or something is wrong."""
        self._bell.wait(version, seconds)

    def manifest(self, revision: str) -> dict[str, Any]:
        found = self._manifest(revision)
        if found is None:
            raise StoreDown(f"the store does not hold revision {revision}")
        return found

    def _manifest(self, revision: str) -> dict[str, Any] | None:
        (text,) = self._hmget("manifests", revision)
        return None if text is None else revision_parts.read_back(text, self._stretches)

    def _stretches(self, names: Iterable[str]) -> dict[str, list[str]]:
        return {name: json.loads(text) for name, text in self._texts(list(names)).items()}

    def holds(self, revision: str) -> bool:
        found = self._manifest(revision)
        return found is not None and not self._missing((*found["deployments"], *found["providers"]))[1]

    def proven(self) -> str | None:
        (revision,) = self._hmget("head", "revision")
        with redis_as_store_down(self.address):
            verdicts = self._redis.hgetall(self._key("verdicts"))
            if verdicts.get(revision or "") != "0":
                return None
            newest = self._redis.zrevrange(self._key("order"), 0, -1)
        taken = next((each for each in newest if verdicts.get(each) == "1"), None)
        return taken if taken is not None and self.holds(taken) else None

    def deployments(self, ids: Iterable[str]) -> dict[str, Deployment]:
        return {digest: Deployment(**json.loads(body)) for digest, body in self._bodies(list(ids)).items()}

    def providers(self, digests: Sequence[str]) -> list[Provider]:
        bodies = self._bodies(list(digests))
        return [Provider.from_dict(json.loads(bodies[digest])) for digest in digests]

    def resting(self) -> tuple[Resting, ...]:
        (text,) = self._hmget("head", "resting")
        return resting_from_json(json.loads(text)) if text else ()

    def history(self, route: str | None = None, limit: int = 100) -> list[HistoryEntry]:
        found: list[HistoryEntry] = []
        for start in range(0, KEEP_HISTORY, _CHUNK):
            entries = self._lines(start, _CHUNK)
            found += [entry for entry in entries if route in (None, entry.route)]
            if len(entries) < _CHUNK or len(found) >= limit:
                break
        return found[:limit]

    def _lines(self, start: int, count: int) -> list[HistoryEntry]:
        with redis_as_store_down(self.address):
            lines = self._redis.lrange(self._key("history"), start, start + count - 1)
        return [HistoryEntry(**json.loads(line)) for line in lines]

    def workers(self) -> list[Worker]:
        """`at` is by this process's clock, however the clocks of the others go."""
        self._bell.listen_for_reports()
        with redis_as_store_down(self.address):
            return self._reports.read(self._redis, self._id)

    def bell(self) -> tuple[int, int]:
        return self._bell.read()

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
            for _ in range(_TRIES):
                swept, manifest = self._store_bodies(desired, before)
                answer = self._eval(
                    redis_scripts.COMMIT, ("head", "manifests", "order", "history", "verdicts", "commits"),
                    self._id, expect, token, chosen, rests, desired.revision if desired else "", manifest, swept,
                    self._key("moved"), KEEP_REVISIONS, KEEP_HISTORY, *lines,
                )  # fmt: skip
                if answer[0] != "swept":
                    break
            else:
                raise StoreDown(f"other processes keep sweeping the store at {self.address}")
            version = self._version_of(answer, expect)
            revision = desired.revision if desired else before.revision
            self._last = Head(version, revision, before.selections if selections is None else selections)
            self._written, self._token = desired or self._written, token
        self._bell.heard(version=version)
        if answer[2] and version % SWEEP_EVERY == 0:
            self._sweep(version)
        return self._last

    def _version_of(self, answer: list[Any], expect: int) -> int:
        if answer[0] == "moved":
            self._bell.seen = ""
            raise Stale(f"the store at {self.address} was emptied or replaced", hint="read again")
        if answer[0] == "stale":
            raise Stale(f"the state is at version {answer[1]}, not {expect}")
        return int(answer[1])

    def report(self, *workers: Worker) -> None:
        with redis_as_store_down(self.address):
            known = [self._reports.write(self._redis, self._id, worker) for worker in workers]
        if not all(known):
            self._bell.seen = ""
            raise StoreDown(f"the store at {self.address} was emptied or replaced")

    def forget(self, worker_id: str) -> None:
        with redis_as_store_down(self.address):
            self._reports.remove(self._redis, worker_id)

    def remarks(self) -> tuple[Problem, ...]:
        return self._remarks

    def away(self) -> str | None:
        return None

    def moved(self) -> bool:
        return self._bell.seen != self._id

    def renew(self) -> Head | None:
        with self._lock:
            there, version = self._hmget("head", "id", "version")
            if there == self._id and int(version) >= self._last.version:
                return None
            before, last = self._id, self._last
            self._last = Head()
            self._open()
            return last if self._id != before else None

    def close(self) -> None:
        self._bell.close()
        with redis_as_store_down(self.address):
            self._redis.close()

    # -- inside --------------------------------------------------------------------------------

    def _store_bodies(self, desired: DesiredState | None, before: Head) -> tuple[str, str]:
        """Before the commit that names them: a body that nothing names yet harms nobody."""
        if desired is None:
            return "", ""
        kept = self._written
        sure = kept is not None and before.revision == kept.revision != desired.revision
        bodies = revision_parts.bodies(desired, kept if sure else None)
        return self._upload(bodies), revision_parts.stored(desired)

    def _upload(self, bodies: Mapping[str, tuple[str, Callable[[], str]]]) -> str:
        """Those that are not there; how often bodies were swept before."""
        swept, lacking = self._missing(bodies)
        for start in range(0, len(lacking), _CHUNK):
            texts = {name: bodies[name][1]() for name in lacking[start : start + _CHUNK]}
            with redis_as_store_down(self.address):
                self._redis.hset(self._key("bodies"), mapping=texts)
        return swept

    def _missing(self, digests: Iterable[str]) -> tuple[str, list[str]]:
        """How often bodies were swept so far, and those of these that are not there."""
        swept, lacking = self._eval(redis_scripts.MISSING, ("head", "bodies"), *digests)
        return str(swept or "0"), lacking

    def _sweep(self, version: int) -> None:
        with redis_as_store_down(self.address):
            manifests = self._redis.hvals(self._key("manifests"))
            there = self._redis.hkeys(self._key("bodies"))
        gone = sorted(revision_parts.superfluous(there, revision_parts.used(manifests, self._stretches)))
        for start in range(0, len(gone), _CHUNK):
            self._eval(redis_scripts.SWEEP, ("head", "bodies"), version, *gone[start : start + _CHUNK])

    def _bodies(self, digests: list[str]) -> dict[str, str]:
        found = self._texts(digests)
        missing = set(digests) - found.keys()
        if missing:
            raise StoreDown(f"the store lacks {len(missing)} of {len(digests)} bodies, {min(missing)} among them")
        return found

    def _texts(self, digests: list[str]) -> dict[str, str]:
        found: dict[str, str] = {}
        for start in range(0, len(digests), _CHUNK):
            chunk = digests[start : start + _CHUNK]
            texts = zip(chunk, self._hmget("bodies", *chunk), strict=True)
            found.update((digest, text) for digest, text in texts if text is not None)
        return found

    def _hmget(self, key: str, *names: str) -> list[Any]:
        with redis_as_store_down(self.address):
            return list(self._redis.hmget(self._key(key), names))

    def _eval(self, script: str, keys: Sequence[str], *values: object) -> list[Any]:
        with redis_as_store_down(self.address):
            return list(self._redis.eval(script, len(keys), *map(self._key, keys), *values))
