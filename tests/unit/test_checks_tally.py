"""Names of all providers, kept in step from build to build: the same as counted anew."""

from __future__ import annotations

import random
from collections import Counter

from modelctl.check.tally import Tally

NAMES = "abcdefgh"


def test_whatever_comes_and_goes() -> None:
    numbers = random.Random(7)

    def part() -> frozenset[str]:
        return frozenset(numbers.sample(NAMES, numbers.randint(0, 4)))

    tally, parts = Tally(), [part() for _ in range(5)]
    for _ in range(500):
        for _ in range(numbers.randint(0, 2)):
            change = numbers.randint(0, 2)
            if change == 0 or not parts:
                parts.append(part())
            elif change == 1:
                parts.pop(numbers.randrange(len(parts)))
            else:
                parts[numbers.randrange(len(parts))] = part()
        tally.take(parts)
        counted = Counter(name for each in parts for name in each)
        assert set(tally.names) == set(counted)
        assert tally.is_shared == any(count > 1 for count in counted.values())
