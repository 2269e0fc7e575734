"""The calls of the last minutes, as a guard or a proof looks at them: what was added to rows that only grow.

Requests that a client spoiled (`bad_request`) count on neither side. Time is monotonic; wall time is used only to
notice that the wall clock has jumped.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from modelctl.usage import bins
from modelctl.usage.bins import Bins
from modelctl.usage.figures import CLASSES, Figures

WRITTEN_S = 1.0  # workers write this often, so a new row may be this old, and counts as such
JUMP_S = 1.0  # by how much two clocks may differ between two looks
_TELLING = tuple(failure for failure in CLASSES if failure != "bad_request")
Key = tuple[Any, ...]  # of one row: route and model first, the minute in which it begins last
Rows = Mapping[Key, Figures]
LATE_S = 120.0  # how much longer than a window rows are remembered, since they are whole minutes and may come late


@dataclass(frozen=True, slots=True)
class CallTally:
    """Calls of a model, how many of them failed, and how long they took."""

    calls: int = 0
    failed: int = 0
    took: Bins = field(default_factory=dict)

    def plus(self, other: CallTally) -> CallTally:
        took = dict(self.took)
        bins.merge(took, other.took)
        return CallTally(self.calls + other.calls, self.failed + other.failed, took)

    def since(self, before: CallTally) -> CallTally:
        """What was added since; counts never fall."""
        took = bins.since(self.took, before.took)
        return CallTally(max(0, self.calls - before.calls), max(0, self.failed - before.failed), took)


def tally(figures: Figures) -> CallTally:
    spoiled = int(figures["attempts_bad_request"])
    failed = sum(int(figures[f"attempts_{each}"]) for each in _TELLING)
    return CallTally(int(figures["attempts"]) - spoiled, failed, dict(figures.attempt_bins))


@dataclass(frozen=True, slots=True)
class Seen:
    """The calls between two looks, and the earliest moment at which they may have been made."""

    at: float
    route: str
    model: str
    tally: CallTally


@dataclass(frozen=True, slots=True)
class Recent:
    """Recent calls, as increments of rows that only grow. The first look only sets the base."""

    wall: float | None = None
    at: float = 0.0
    known: Mapping[Key, CallTally] = field(default_factory=dict)
    seen: tuple[Seen, ...] = ()
    rows: Rows = field(default_factory=dict)  # of the last look
    began: float = 0.0  # earlier calls are unknown

    def look(self, rows: Rows, at: float, wall: float, keep_s: float) -> Recent:
        """With what `rows` hold now. After a jump of the wall clock it is unknown which rows are recent: start over."""
        jumped = self.wall is None or abs((wall - self.wall) - (at - self.at)) > JUMP_S
        if rows is self.rows and not jumped:
            return replace(self, wall=wall, at=at)
        now = {key: tally(figures) for key, figures in rows.items()}
        if jumped:
            return Recent(wall, at, now, rows=rows, began=at)
        grown = [
            Seen(at - WRITTEN_S, str(key[0]), str(key[1]), more)
            for key, each in now.items()
            if (more := each.since(self.known.get(key, CallTally()))).calls
        ]
        seen = (one for one in self.seen if one.at > at - keep_s)
        known = {key: each for key, each in self.known.items() if key[-1] >= wall - keep_s - LATE_S}
        return Recent(wall, at, {**known, **now}, (*seen, *grown), rows, self.began)

    def calls(self, model: str, since: float, routes: Iterable[str] | None = None) -> CallTally:
        """Calls of `model` after `since`; of these names of a route alone, where they are given."""
        names = None if routes is None else frozenset(routes)
        total = CallTally()
        for one in self.seen:
            if one.model == model and one.at > since and (names is None or one.route in names):
                total = total.plus(one.tally)
        return total
