"""Two shares of calls side by side: may the one be larger by chance? Pure arithmetic."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, lgamma

_NEGLIGIBLE = 1e-12


@dataclass(frozen=True, slots=True)
class Share:
    """`count` of `of` calls."""

    count: int
    of: int

    @property
    def rate(self) -> float:
        return self.count / self.of if self.of else 0.0

    def __str__(self) -> str:
        return f"{self.count} of {self.of}"


def chance(one: Share, other: Share) -> float:
    """How likely a share of `one` as large as this is where both are equally good: Fisher's exact test, one-sided."""
    count, total = one.count + other.count, one.of + other.of
    whole, found = _choices(total, one.of), 0.0
    for number in range(max(one.count, one.of + count - total), min(count, one.of) + 1):
        part = exp(_choices(count, number) + _choices(total - count, one.of - number) - whole)
        found += part
        if part < _NEGLIGIBLE * found:
            break
    return min(1.0, found)


def _choices(of: int, some: int) -> float:
    """The logarithm of how many ways there are to choose `some` of `of`."""
    return lgamma(of + 1) - lgamma(some + 1) - lgamma(of - some + 1)
