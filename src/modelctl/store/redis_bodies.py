"""Revisions and their bodies in Redis: written before the commit that names them, swept once nothing does."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from modelctl.errors import StoreDown
from modelctl.store import redis_scripts, revision_parts
from modelctl.store.redis_calls import RedisCalls

_CHUNK = 500  # of one question


class RedisBodies:
    def __init__(self, calls: RedisCalls) -> None:
        self._calls = calls

    def manifest(self, revision: str) -> dict[str, Any] | None:
        """The revision as published; None where it is unknown or incomplete."""
        text = self._calls.do("hget", "manifests", revision)
        return None if text is None else revision_parts.read_back(text, self._stretches)

    def is_whole(self, revision: str) -> bool:
        found = self.manifest(revision)
        return found is not None and not self.missing((*found["deployments"], *found["providers"]))[1]

    def proven(self) -> str | None:
        """See `Store.proven`."""
        verdicts = self._calls.do("hgetall", "verdicts")
        if verdicts.get(self._calls.do("hget", "head", "revision") or "") != "0":
            return None
        newest = self._calls.do("zrevrange", "order", 0, -1)
        taken = next((each for each in newest if verdicts.get(each) == "1"), None)
        return taken if taken is not None and self.is_whole(taken) else None

    def read(self, digests: list[str]) -> dict[str, Any]:
        """Raises StoreDown where one is missing."""
        found = self._texts(digests)
        missing = set(digests) - found.keys()
        if missing:
            raise StoreDown(f"the store lacks {len(missing)} of {len(digests)} bodies, {min(missing)} among them")
        return {digest: json.loads(text) for digest, text in found.items()}

    def write(self, bodies: Mapping[str, tuple[str, Callable[[], str]]]) -> str:
        """Those that are not there; how often bodies were swept before. What nothing names yet harms nobody."""
        swept, lacking = self.missing(bodies)
        for start in range(0, len(lacking), _CHUNK):
            texts = [each for name in lacking[start : start + _CHUNK] for each in (name, bodies[name][1]())]
            self._calls.do("hset", "bodies", None, None, None, texts)
        return swept

    def missing(self, digests: Iterable[str]) -> tuple[str, list[str]]:
        """How often bodies were swept so far, and those of these that are not there."""
        swept, lacking = self._calls.eval(redis_scripts.MISSING, ("head", "bodies"), *digests)
        return str(swept or "0"), lacking

    def sweep(self, version: int) -> None:
        """Nothing goes where the head is not at that version any more."""
        manifests, there = self._calls.do("hvals", "manifests"), self._calls.do("hkeys", "bodies")
        gone = sorted(revision_parts.superfluous(there, revision_parts.used(manifests, self._stretches)))
        for start in range(0, len(gone), _CHUNK):
            self._calls.eval(redis_scripts.SWEEP, ("head", "bodies"), version, *gone[start : start + _CHUNK])

    def _stretches(self, names: Iterable[str]) -> dict[str, list[str]]:
        return {name: json.loads(text) for name, text in self._texts(list(names)).items()}

    def _texts(self, digests: list[str]) -> dict[str, str]:
        found: dict[str, str] = {}
        for start in range(0, len(digests), _CHUNK):
            chunk = digests[start : start + _CHUNK]
            texts = zip(chunk, self._calls.do("hmget", "bodies", chunk), strict=True)
            found.update((digest, text) for digest, text in texts if text is not None)
        return found
