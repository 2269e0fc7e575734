"""What a store elsewhere has acknowledged, on this disk too: so that a server that lost it gets it back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from modelctl.state.desired import DesiredState
from modelctl.state.selection import Head, HistoryEntry, Resting, resting_to_json, selections_to_json
from modelctl.store import revision_bodies
from modelctl.store.sqlite import SqliteStore


class DiskCopy(SqliteStore):
    """A store in a file whose id and versions are those of the other."""

    def take(
        self,
        id_: str,
        head: Head,
        *,
        desired: DesiredState | None = None,
        resting: Sequence[Resting] | None = None,
        entries: Sequence[HistoryEntry] = (),
    ) -> None:
        """On the disk when this returns. `entries`: oldest first, as they are; an older head changes nothing."""
        with self._writing() as db:
            before, version = db.execute("SELECT store.id, head.version FROM store, head").fetchone()
            if before == id_ and head.version <= version:
                return
            if before != id_:
                db.execute("DELETE FROM history")
                db.execute("DELETE FROM resting")
            if desired is not None:
                revision_bodies.keep(db, desired)
            values = head.version, head.revision, json.dumps(selections_to_json(head.selections))
            db.execute("UPDATE head SET version = ?, revision = ?, selections = ?", values)
            db.execute("UPDATE store SET id = ?", (id_,))
            if resting is not None:
                db.execute("INSERT OR REPLACE INTO resting VALUES (1, ?)", (json.dumps(resting_to_json(resting)),))
            lines = [(entry.route, json.dumps(asdict(entry))) for entry in entries]
            db.executemany("INSERT INTO history (route, entry) VALUES (?, ?)", lines)
        self._id = id_
