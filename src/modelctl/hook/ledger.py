"""What this worker has counted, by minute, hour and day: in memory, until the store has it. One thread works on it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from modelctl.hook.counted import Counted
from modelctl.store.usage_store import DAY, GRAINS, HOUR, MINUTE, Row
from modelctl.usage.figures import Figures, Series

MOST_SERIES = 1000  # in a day; what comes beyond is counted as OTHER
MOST_TAGS = 50  # in a day; what comes beyond is `other`
MOST_WAITING = 20_000  # rows that wait for a store that cannot be written
OTHER = Series("other", "other", "other", "other")
Unit = tuple[int, int]  # grain, at


class Ledger:
    """Units (a stretch of time) are kept whole until they are over and written, since rows replace each other."""

    def __init__(self) -> None:
        self.dropped = 0  # requests and attempts that are missing in the minutes; hours and days still have them
        self.life = 0  # grows where the clock goes back behind what is over: those rows must not be replaced
        self._units: dict[Unit, dict[Series, Figures]] = {}
        self._waiting: dict[Unit, set[Series]] = {}
        self._known: set[Series] = set()
        self._tags: set[str] = set()
        self.over = 0.0  # what began before has left memory

    def take(self, counted: Iterable[Counted], ahead: float = 0.0) -> None:
        """Each is booked once, and the sums are added to minute, hour and day.

        `ahead`: seconds by which the clock that the minutes are of is ahead of this host's.
        """
        sums: dict[tuple[int, Series], Figures] = {}
        for each in counted:
            key = int((each.at + ahead) // MINUTE) * MINUTE, self._series(each.series)
            if (figures := sums.get(key)) is None:
                figures = sums[key] = Figures()
            each.book(figures)
        for (at, series), figures in sums.items():
            for grain in GRAINS:
                unit = grain, at // grain * grain
                self._units.setdefault(unit, {}).setdefault(series, Figures()).merge(figures)
                self._waiting.setdefault(unit, set()).add(series)

    def rows(self) -> list[Row]:
        """What the store does not have yet, or not as it is now."""
        return [
            Row(*unit, series, self._units[unit][series])
            for unit, found in sorted(self._waiting.items())
            for series in found
        ]

    def written(self, now: float) -> None:
        """The store has all of `rows`."""
        self._waiting.clear()
        for grain, at in list(self._units):
            if at + 2 * grain <= now:
                del self._units[grain, at]
                if grain == MINUTE:
                    self.over = max(self.over, at + grain)
                if grain == DAY:
                    self._known.clear()
                    self._tags.clear()

    def bound(self) -> None:
        """The store cannot be written: the oldest minutes go first. Hours and days are few, and keep their figures."""
        while sum(map(len, self._waiting.values())) > MOST_WAITING:
            grain, at = min(self._waiting, key=lambda unit: (unit[0] != MINUTE, unit[0] != HOUR, unit[1]))
            self.dropped += self._lost((grain, at))
            del self._units[grain, at], self._waiting[grain, at]

    def _lost(self, *units: Unit) -> int:
        found = (figures for unit in units if unit[0] == MINUTE for figures in self._units[unit].values())
        return sum(int(figures["requests"] + figures["attempts"]) for figures in found)

    def _series(self, asked: Series) -> Series:
        if asked.tag and asked.tag not in self._tags:
            if len(self._tags) >= MOST_TAGS:
                return self._bounded(replace(asked, tag="other"))
            self._tags.add(asked.tag)
        return self._bounded(asked)

    def _bounded(self, asked: Series) -> Series:
        if asked not in self._known:
            if len(self._known) >= MOST_SERIES:
                return OTHER
            self._known.add(asked)
        return asked

    def restart(self) -> None:
        """The clock went back to what is over: as another worker would, so that no row of before is replaced."""
        self.dropped += self._lost(*self._waiting)
        self._waiting.clear()
        self.life += 1
        self._units.clear()
        self.over = 0.0
