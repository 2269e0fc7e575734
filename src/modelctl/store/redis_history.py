"""The lines of history in a Redis, newest first."""

from __future__ import annotations

import json

from modelctl.state.selection import HistoryEntry
from modelctl.store.redis_calls import RedisCalls

KEPT = 20_000  # lines
_CHUNK = 500


def read(calls: RedisCalls, route: str | None, limit: int) -> list[HistoryEntry]:
    """Of one route, or of all."""
    found: list[HistoryEntry] = []
    for start in range(0, KEPT, _CHUNK):
        lines = calls.do("lrange", "history", start, start + _CHUNK - 1)
        entries = [entry_of(line) for line in lines]
        found += [entry for entry in entries if route in (None, entry.route)]
        if len(lines) < _CHUNK or len(found) >= limit:
            break
    return found[:limit]


def entry_of(line: str) -> HistoryEntry:
    return HistoryEntry(**json.loads(line))
