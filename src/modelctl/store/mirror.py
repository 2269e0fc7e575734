"""A worker's copy of what a control plane holds, on the worker's own disk: what it boots on while that is away."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from modelctl.errors import StoreDown
from modelctl.state.desired import Deployment
from modelctl.state.selection import Head, selections_from_json, selections_to_json
from modelctl.store import revision_bodies
from modelctl.store.http_wire import SeenHead
from modelctl.store.sqlite import SqliteStore


@dataclass(frozen=True)
class FetchedRevision:
    """A published revision, as a worker needs it."""

    manifest: dict[str, Any]
    deployments: dict[str, Deployment]


class Mirror(SqliteStore):
    """The file of a store, whose heads and revisions are taken over from a control plane.

    Several workers of a host share it. It need not outlive a power cut: what it lacks is asked for again.
    """

    def last(self) -> tuple[SeenHead, dict[str, FetchedRevision]] | None:
        """What was taken over last; `proven` by what workers of this host have said. None where there is nothing."""
        row = self._rows("SELECT version, revision, selections, store.id FROM head, store")[0]
        version, revision, selections, store = row
        seen = SeenHead(Head(version, revision, selections_from_json(json.loads(selections))), store, self.proven())
        wholes = {name: self._whole(name) for name in (seen.proven, revision) if name is not None}
        found = {name: whole for name, whole in wholes.items() if whole is not None}
        return (seen, found) if revision in found else None

    def some(self, ids: Iterable[str]) -> dict[str, Deployment]:
        """Those of these deployments that are here."""
        statement = "SELECT digest, body FROM body WHERE digest IN (SELECT value FROM json_each(?))"
        rows = self._rows(statement, (json.dumps(list(ids)),))
        return {digest: Deployment(**json.loads(body)) for digest, body in rows}

    def adopt(self, seen: SeenHead, revisions: Mapping[str, FetchedRevision]) -> None:
        """The head, and what it names. Of one store, an older head changes nothing: another worker was quicker."""
        lacking = {name: each for name, each in revisions.items() if not self.holds(name)}
        head, selections = seen.head, json.dumps(selections_to_json(seen.head.selections))
        with self._writing(durable=False) as db:
            for name, each in lacking.items():
                _add(db, name, each)
            another = db.execute("SELECT id FROM store").fetchone()[0] != seen.store
            statement = "UPDATE head SET version = ?, revision = ?, selections = ? WHERE version < ? OR ?"
            db.execute(statement, (head.version, head.revision, selections, head.version, another))
            db.execute("UPDATE store SET id = ?", (seen.store,))
        self._id = seen.store

    def _whole(self, revision: str) -> FetchedRevision | None:
        try:
            manifest = self.manifest(revision)
            return FetchedRevision(manifest, self.deployments(manifest["deployments"]))
        except StoreDown:
            return None


def _add(db: sqlite3.Connection, revision: str, fetched: FetchedRevision) -> None:
    bodies = fetched.deployments
    new = revision_bodies.missing(db, bodies)
    rows = [(id_, "deployment", json.dumps(bodies[id_].to_dict())) for id_ in bodies if id_ in new]
    db.executemany("INSERT OR IGNORE INTO body VALUES (?, ?, ?)", rows)
    revision_bodies.add(db, revision, json.dumps(fetched.manifest, separators=(",", ":")))
