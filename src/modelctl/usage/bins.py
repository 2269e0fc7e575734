"""How long things took, as a sketch: how many fell into each bin of 1 %. Sketches of any minutes and workers add up.

Only the mapping between seconds and bins is the library's (DDSketch with 1 % relative accuracy); the bins themselves
are a plain dict, because that is what is written, added and read.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from itertools import accumulate, pairwise

from ddsketch.mapping import LogarithmicMapping

Bins = dict[int, int]  # bin -> how many
ACCURACY = 0.01
LEAST_S = 1e-6  # what is shorter counts as this
_MAPPING = LogarithmicMapping(ACCURACY)
_FURTHEST = 255  # bins between two that are written beside each other


def add(bins: Bins, seconds: float) -> None:
    key = _MAPPING.key(max(seconds, LEAST_S))
    bins[key] = bins.get(key, 0) + 1


def merge(into: Bins, more: Bins) -> None:
    for key, count in more.items():
        into[key] = into.get(key, 0) + count


def quantile(bins: Bins, q: float) -> float | None:
    """Seconds, within 1 %, below which the share `q` lies; None where there is nothing."""
    rank = q * (sum(bins.values()) - 1)
    seen = 0
    for key in sorted(bins):
        seen += bins[key]
        if seen > rank:
            return float(_MAPPING.value(key))
    return None


def below(bins: Bins, bounds: Iterable[float]) -> list[int]:
    """How many took at most each of `bounds` seconds (rising)."""
    values = sorted((float(_MAPPING.value(key)), count) for key, count in bins.items())
    return [sum(count for value, count in values if value <= bound) for bound in bounds]


def pack(bins: Bins) -> bytes:
    """A few bytes for each bin: the first bin, the steps between them, the counts."""
    if not bins:
        return b""
    entries = list(_with_fillers(bins))
    keys = [key for key, _ in entries]
    steps = array("B", [0, *(after - before for before, after in pairwise(keys))])
    counts = [count for _, count in entries]
    kind = next(kind for kind, bits in (("B", 8), ("H", 16), ("I", 32), ("Q", 64)) if max(counts) < 1 << bits)
    return kind.encode() + array("i", keys[:1]).tobytes() + steps.tobytes() + array(kind, counts).tobytes()


def unpack(text: bytes | None) -> Bins:
    """What `pack` wrote."""
    if not text:
        return {}
    kind = chr(text[0])
    counts = array(kind)
    first = array("i", text[1:5])[0]
    number = (len(text) - 5) // (1 + counts.itemsize)
    counts.frombytes(text[5 + number :])
    steps = accumulate(text[5 : 5 + number])
    return {first + step: count for step, count in zip(steps, counts, strict=True)}


def _with_fillers(bins: Bins) -> Iterator[tuple[int, int]]:
    """In order; where the step to the next is too wide for a byte, an empty bin stands between."""
    last: int | None = None
    for key in sorted(bins):
        while last is not None and key - last > _FURTHEST:
            last += _FURTHEST
            yield last, 0
        last = key
        yield key, bins[key]
