"""How long things took, as a sketch: how many fell into each bin of 1 %. Sketches of any minutes and workers add up.

Only the mapping between seconds and bins is the library's (DDSketch with 1 % relative accuracy); the bins themselves
are a plain dict, because that is what is written, added and read.
"""

from __future__ import annotations

import itertools
import struct
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, pairwise

from ddsketch.mapping import LogarithmicMapping

Bins = dict[int, int]  # bin -> how many
ACCURACY = 0.01
LEAST_S = 1e-6  # what is shorter counts as this
_MAPPING = LogarithmicMapping(ACCURACY)
_HEAD = struct.Struct("<bh")
_KINDS = {1: "B", 2: "H", 4: "I", 8: "Q"}
_SPARSE = 4  # as many bins as are filled, up to which empty ones are written too
_FURTHEST = 255  # bins from one that is written to the next
_ROOM = 0xFFFF // 0xFF  # counts of one byte that add up within two bytes
_EVERY_SECOND = int.from_bytes(b"\xff\x00" * 8192, "little")


def add(bins: Bins, seconds: float) -> None:
    key = _MAPPING.key(max(seconds, LEAST_S))
    bins[key] = bins.get(key, 0) + 1


def merge(into: Bins, more: Bins) -> None:
    for key, count in more.items():
        into[key] = into.get(key, 0) + count


def since(now: Bins, before: Bins) -> Bins:
    """What was added to `before`; counts never fall."""
    grown = {key: count - before.get(key, 0) for key, count in now.items()}
    return {key: count for key, count in grown.items() if count > 0}


def quantiles(bins: Bins, shares: Sequence[float]) -> list[float]:
    """Seconds, within 1 %, below which each of `shares` (rising) lies; empty where there is nothing."""
    keys = sorted(bins)
    seen = list(accumulate(map(bins.__getitem__, keys)))
    return [float(_MAPPING.value(keys[bisect_right(seen, share * (seen[-1] - 1))])) for share in shares if seen]


def below(bins: Bins, bounds: Iterable[float]) -> list[int]:
    """How many took at most each of `bounds` seconds (rising)."""
    values = sorted((float(_MAPPING.value(key)), count) for key, count in bins.items())
    return [sum(count for value, count in values if value <= bound) for bound in bounds]


def pack(bins: Bins) -> bytes:
    """How wide a count is, the first bin, a count for each bin up to the last; where most would be 0, steps as well."""
    if not bins:
        return b""
    first, last = min(bins), max(bins)
    size = next(size for size in (1, 2, 4, 8) if max(bins.values()) < 1 << (8 * size))
    if last - first < _SPARSE * len(bins):
        counts = array(_KINDS[size], (bins.get(key, 0) for key in range(first, last + 1)))
        return _HEAD.pack(size, first) + counts.tobytes()
    entries = list(_with_fillers(bins))
    steps = bytes([0, *(after - before for before, after in pairwise(key for key, _ in entries))])
    return _HEAD.pack(-size, first) + steps + array(_KINDS[size], (count for _, count in entries)).tobytes()


class Sum:
    """Adds packed sketches up, many at a time: counts side by side in one whole number are added in one step.

    Counts of one byte, which most are, get two bytes of room: every second one is in a number of its own.
    """

    def __init__(self) -> None:
        self._lanes: dict[int, int] = {}  # first bin -> counts of eight bytes each, the first lowest
        self._pairs: dict[int, tuple[int, int]] = {}  # first bin -> counts of two bytes: every second one, the others
        self._room = _ROOM
        self._sparse: Bins = {}

    def add(self, packed: bytes) -> None:
        if not packed:
            return
        size, first = _HEAD.unpack_from(packed)
        if size < 0:
            merge(self._sparse, _by_steps(packed, -size, first))
            return
        counts = packed[_HEAD.size :]
        if size == 1:
            return self._add_bytes(first, int.from_bytes(counts, "little"))
        wide = bytearray(8 * len(counts) // size)
        for byte in range(size):
            wide[byte::8] = counts[byte::size]
        self._lanes[first] = self._lanes.get(first, 0) + int.from_bytes(wide, "little")

    def _add_bytes(self, first: int, counts: int) -> None:
        own, others = self._pairs.get(first, (0, 0))
        self._pairs[first] = own + (counts & _EVERY_SECOND), others + (counts >> 8 & _EVERY_SECOND)
        self._room -= 1
        if not self._room:
            self._settle()

    def _settle(self) -> None:
        """Before counts of two bytes run over."""
        for first, lanes in self._pairs.items():
            found: Bins = {}
            for start, lane in enumerate(lanes, first):
                counts = array("H", lane.to_bytes((lane.bit_length() + 15) // 16 * 2, "little"))
                found |= {key: count for key, count in zip(itertools.count(start, 2), counts, strict=False) if count}
            if self._sparse:
                merge(self._sparse, found)
            else:
                self._sparse = found
        self._pairs, self._room = {}, _ROOM

    def bins(self) -> Bins:
        self._settle()
        if not self._lanes:
            return dict(self._sparse)
        lowest = min(self._lanes, default=0)
        whole = sum(lanes << (64 * (first - lowest)) for first, lanes in self._lanes.items())
        counts = array("Q", whole.to_bytes((whole.bit_length() + 63) // 64 * 8, "little"))
        found = {key: count for key, count in enumerate(counts, lowest) if count}
        merge(found, self._sparse)
        return found


def _by_steps(packed: bytes, size: int, first: int) -> Bins:
    number = (len(packed) - _HEAD.size) // (1 + size)
    steps, counts = packed[_HEAD.size : _HEAD.size + number], array(_KINDS[size], packed[_HEAD.size + number :])
    return {first + step: count for step, count in zip(accumulate(steps), counts, strict=True) if count}


def _with_fillers(bins: Bins) -> Iterator[tuple[int, int]]:
    """In order; where the step to the next is too wide for a byte, an empty bin stands between."""
    last: int | None = None
    for key in sorted(bins):
        while last is not None and key - last > _FURTHEST:
            last += _FURTHEST
            yield last, 0
        last = key
        yield key, bins[key]
