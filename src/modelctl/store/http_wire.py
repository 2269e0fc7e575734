"""What workers and the control plane say to each other over HTTP, as JSON: the head, reports, usage.

Both sides ignore keys that they do not know, since one of them may be the newer release.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from modelctl.state.selection import Head, HistoryEntry, Worker, selections_from_json, selections_to_json
from modelctl.store.usage_store import Row
from modelctl.usage.figures import SKETCHES, Figures, Series

HEAD, REVISIONS, BODIES, WORKERS, USAGE, REQUESTS = (
    f"/store/{name}" for name in ("head", "revisions", "bodies", "workers", "usage", "requests")
)
TIME = "x-modelctl-time"  # header of a head: the time by the clock that ends time limits
MOST_ASKED = 100  # lines of history that are looked through for what workers are asked to do
MOST_BODIES = 500  # deployments of one request
MOST_ROWS = 200  # of usage, or of requests that went by, in one request
MOST_BYTES = 4 * 1024 * 1024  # of one request's body
LONGEST_WAIT_S = 30.0  # that a question for the head may wait for a change


@dataclass(frozen=True, slots=True)
class SeenHead:
    """A head, the store that it is of, and the revision to start on where the head's was only ever refused.

    `asked`: what history asks workers to do, newest first.
    """

    head: Head = field(default_factory=Head)
    store: str = ""
    proven: str | None = None
    asked: tuple[HistoryEntry, ...] = ()

    @property
    def tag(self) -> str:
        """As an ETag: it changes with every commit, and with the store."""
        return f'"{self.store}-{self.head.version}"'

    def to_dict(self) -> dict[str, Any]:
        head = self.head
        body = {"store": self.store, "version": head.version, "revision": head.revision, "proven": self.proven}
        asked = [entry.to_dict() for entry in self.asked]
        return {**body, "selections": selections_to_json(head.selections), "asked": asked}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> SeenHead:
        """Raises KeyError, TypeError or ValueError for what is no head."""
        head = Head(int(data["version"]), data["revision"], selections_from_json(data["selections"]))
        return cls(head, str(data["store"]), data.get("proven"), tuple(map(_entry, data.get("asked", ()))))


def _entry(data: Mapping[str, Any]) -> HistoryEntry:
    return HistoryEntry(**{name: value for name, value in data.items() if name in _OF_ENTRY})


_OF_ENTRY = frozenset(each.name for each in fields(HistoryEntry))


def report_to_dict(worker: Worker) -> dict[str, Any]:
    return asdict(worker)


def row_to_dict(row: Row) -> dict[str, Any]:
    """Sketches as pairs of bin and count: a key of JSON is a text."""
    figures = row.figures
    sketches = {name: sorted(getattr(figures, name).items()) for name in SKETCHES}
    return {"grain": row.grain, "at": row.at, **asdict(row.series), "numbers": dict(figures.numbers), **sketches}


def row_from_dict(data: Mapping[str, Any]) -> Row:
    series = Series(data["route"], data["model"], data["deployment"], data["provider"], data.get("tag", ""))
    return Row(
        data["grain"], data["at"], series, Figures(dict(data["numbers"]), *(dict(data[name]) for name in SKETCHES))
    )
