"""What a store elsewhere has acknowledged, on this disk too: so that a server that lost it gets it back."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from modelctl.state.desired import DesiredState
from modelctl.state.selection import Head, HistoryEntry, Resting, resting_to_json, selections_to_json
from modelctl.store import revision_bodies
from modelctl.store.sqlite import SqliteStore

MOST_TOKENS = 1000


class DiskCopy(SqliteStore):
    """A store in a file whose id and versions are those of the other. Each version has a token, that of its commit."""

    def _open(self) -> None:
        super()._open()
        self._rows("CREATE TABLE IF NOT EXISTS token (version INTEGER PRIMARY KEY, token TEXT NOT NULL)")

    def tokens(self) -> dict[int, str]:
        return dict(self._rows("SELECT version, token FROM token"))

    def since(self, version: int) -> list[HistoryEntry]:
        """The history beyond that version, newest first."""
        statement = "SELECT entry FROM history WHERE json_extract(entry, '$.version') > ? ORDER BY seq DESC"
        return [HistoryEntry(**json.loads(entry)) for (entry,) in self._rows(statement, (version,))]

    def take(
        self,
        id_: str,
        head: Head,
        *,
        desired: DesiredState | None = None,
        resting: Sequence[Resting] | None = None,
        entries: Sequence[HistoryEntry] = (),
        tokens: Mapping[int, str],
        after: int | None = None,
    ) -> None:
        """On the disk when this returns. `entries`: oldest first, as they are; an older head changes nothing.

        `after`: what was taken beyond that version is no part of the other store any more.
        """
        with self._writing() as db:
            before, version = db.execute("SELECT store.id, head.version FROM store, head").fetchone()
            if before == id_ and head.version <= version and after is None:
                return
            if before != id_ or after is not None:
                _forget(db, (after or 0) if before == id_ else -1)
            if desired is not None:
                revision_bodies.keep(db, desired)
            values = head.version, head.revision, json.dumps(selections_to_json(head.selections))
            db.execute("UPDATE head SET version = ?, revision = ?, selections = ?", values)
            db.execute("UPDATE store SET id = ?", (id_,))
            if resting is not None:
                db.execute("INSERT OR REPLACE INTO resting VALUES (1, ?)", (json.dumps(resting_to_json(resting)),))
            lines = [(entry.route, json.dumps(asdict(entry))) for entry in entries]
            db.executemany("INSERT INTO history (route, entry) VALUES (?, ?)", lines)
            db.executemany("INSERT OR REPLACE INTO token VALUES (?, ?)", tokens.items())
            db.execute("DELETE FROM token WHERE version <= ?", (head.version - MOST_TOKENS,))
        self._id = id_


def _forget(db: sqlite3.Connection, after: int) -> None:
    db.execute("DELETE FROM history WHERE json_extract(entry, '$.version') > ?", (after,))
    db.execute("DELETE FROM token WHERE version > ?", (after,))
