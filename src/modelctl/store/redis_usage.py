"""What workers counted, on its way through Redis to the control planes.

A row is replaced by its next version, as in `usage.db`, and moves to the end of the order: who reads on from where it
was gets the newest version of each row, once. Each control plane reads all of them into its own `usage.db`: none has to
be asked whether it may, and rows that are read twice change nothing. The rows that were not written for longest go.
"""

from __future__ import annotations

import json
import secrets
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple
from typing import Any

from modelctl.store import CountedRows, redis_scripts
from modelctl.store.http_wire import row_from_dict, row_to_dict
from modelctl.store.redis_address import RedisAddress, connect_redis, read_address
from modelctl.store.redis_errors import redis_as_store_down
from modelctl.store.usage_store import Retention, Row

MOST_ROWS = 100_000  # some 40 MB
AT_ONCE = 500
FRESH_S = 10.0  # after which the control planes have read a row that was written
_KEYS = ("usage", "usage:rows", "usage:order")


class RedisUsage:
    """In place of a `UsageStore` for a worker; a control plane calls `read`. Raises `StoreDown`."""

    def __init__(self, address: RedisAddress, patience: float = 5.0) -> None:
        self._address = address
        with redis_as_store_down(address):
            self._redis = connect_redis(address, patience)
        self._keys = [f"{address.tag}:{name}" for name in _KEYS]
        self._epoch, self._read_up_to = "", "0"
        self._written_in = ""  # the epoch of the last write
        self._fresh: dict[str, tuple[float, str]] = {}  # rows by their names, each with when it was written

    def write(self, worker: str, rows: Sequence[Row], prices: str | None = None) -> None:
        """What nobody may have read yet is written once more where Redis was emptied meanwhile."""
        packed = dict(_packed(worker, row, prices) for row in rows)
        epoch = self._count(packed)
        if self._written_in and epoch not in ("", self._written_in):
            self._count({name: text for name, (_, text) in self._fresh.items() if name not in packed})
        self._written_in = epoch or self._written_in
        now = time.monotonic()
        fresh = {name: kept for name, kept in self._fresh.items() if kept[0] > now - FRESH_S}
        self._fresh = {**fresh, **{name: (now, text) for name, text in packed.items()}}

    def _count(self, packed: Mapping[str, str]) -> str:
        """The epoch that they were written in; empty where there was nothing to write."""
        epoch, pairs = "", list(packed.items())
        for start in range(0, len(pairs), AT_ONCE):
            some = [text for pair in pairs[start : start + AT_ONCE] for text in pair]
            epoch = str(self._eval(redis_scripts.COUNT, secrets.token_hex(8), MOST_ROWS, *some)[0])
        return epoch

    def age(self, now: float, keep: Retention) -> None:
        """The control planes do that; here the oldest go by their number."""

    def read(self) -> Iterator[CountedRows]:
        """What was written since the last time, as far as it is not replaced by now; all of it the first time."""
        while True:
            epoch, last, names, values = self._eval(redis_scripts.COUNTED, self._epoch, self._read_up_to, AT_ONCE)
            yield from _unpacked(names, values)
            self._epoch, self._read_up_to = epoch or "", last
            if len(names) < AT_ONCE:
                return

    def close(self) -> None:
        with redis_as_store_down(self._address):
            self._redis.close()

    def _eval(self, script: str, *values: object) -> list[Any]:
        with redis_as_store_down(self._address):
            return list(self._redis.eval(script, len(self._keys), *self._keys, *values))


def _packed(worker: str, row: Row, prices: str | None) -> tuple[str, str]:
    name = json.dumps([worker, row.grain, row.at, *astuple(row.series)])
    return name, json.dumps({"prices": prices, **row_to_dict(row)}, separators=(",", ":"))


def _unpacked(names: Sequence[str], values: Sequence[str | None]) -> Iterator[CountedRows]:
    """Those of one worker and one price map together."""
    found: dict[tuple[str, str | None], list[Row]] = defaultdict(list)
    for name, value in zip(names, values, strict=True):
        if value is not None:
            row = json.loads(value)
            found[json.loads(name)[0], row["prices"]].append(row_from_dict(row))
    for (worker, prices), rows in found.items():
        yield CountedRows(worker, rows, prices)


def open_redis_usage(url: str) -> RedisUsage:
    return RedisUsage(read_address(url))
