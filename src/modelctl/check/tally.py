"""Counts names over many parts, and updates the counts by the parts that changed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, KeysView
from dataclasses import dataclass, field


@dataclass
class Tally:
    """How many parts have each name. `take` is given each part's names; the same object means the same names."""

    _parts: dict[int, Collection[str]] = field(default_factory=dict)
    _counts: dict[str, int] = field(default_factory=dict)

    def take(self, parts: Iterable[Collection[str]]) -> None:
        now = {id(part): part for part in parts}
        gone = [names for key, names in self._parts.items() if key not in now]
        come = [names for key, names in now.items() if key not in self._parts]
        if len(gone) == len(come) == 1:  # an edit of one part: most of its names stay
            gone, come = [set(gone[0]).difference(come[0])], [set(come[0]).difference(gone[0])]
        for names in gone:
            self._add(names, -1)
        for names in come:
            self._add(names, 1)
        self._parts = now

    def _add(self, names: Collection[str], step: int) -> None:
        for name in names:
            count = self._counts.get(name, 0) + step
            if count:
                self._counts[name] = count
            else:
                del self._counts[name]

    @property
    def names(self) -> KeysView[str]:
        return self._counts.keys()

    @property
    def is_shared(self) -> bool:
        """Whether one name is that of two parts."""
        return len(self._counts) < sum(map(len, self._parts.values()))
