"""Figures as a worker writes them, and a clock that the test turns."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

from modelctl.hook.counted import Counted
from modelctl.hook.ledger import Ledger
from modelctl.store.usage_store import UsageStore


@dataclass
class Clock:
    at: float

    def __call__(self) -> float:
        return self.at

    @property
    def today(self) -> date:
        return datetime.fromtimestamp(self.at, UTC).date()


@dataclass
class Counts:
    """A worker that counts into the usage of a state folder, by a connection of its own."""

    state: Path
    name: str = "w1"
    ledger: Ledger = field(default_factory=Ledger)

    def add(self, counted: Iterable[Counted]) -> None:
        self.ledger.take(list(counted))
        kept = UsageStore(self.state)
        kept.write(self.name, self.ledger.rows())
        kept.close()
