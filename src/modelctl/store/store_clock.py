"""The clock of a store's host, as others read it: all agree on when a time limit ends, however wrong theirs is."""

from __future__ import annotations

import time

NEWS_S = 0.25  # by which an answer's way here may look like another clock


class StoreClock:
    """Between two answers it goes on by itself, so that this host's clock may jump. Safe to share between threads."""

    def __init__(self) -> None:
        self._heard: tuple[float, float] | None = None  # what it was last, and when, by a clock that never jumps

    def note(self, theirs: float) -> None:
        """`theirs`: what the other clock says at this moment, UTC seconds."""
        if self._heard is None or abs(theirs - self.now()) > NEWS_S:
            self._heard = theirs, _steady()

    def now(self) -> float:
        """UTC seconds; by this host's clock until the other was heard."""
        if (heard := self._heard) is None:
            return time.time()
        return heard[0] + _steady() - heard[1]


def _steady() -> float:
    """Seconds, also those in which the machine slept, where the system counts them."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()
