"""Which revisions workers have taken, and which they only ever refused."""

from __future__ import annotations

import sqlite3

from modelctl.state.selection import Worker

_TAKEN = "INSERT INTO verdict VALUES (?, 1) ON CONFLICT (revision) DO UPDATE SET taken = 1 WHERE taken = 0"
_REFUSED = "INSERT OR IGNORE INTO verdict VALUES (?, 0)"
_NEWEST = "SELECT revision FROM verdict JOIN revision USING (revision) WHERE taken ORDER BY revision.rowid DESC LIMIT 1"


def note(db: sqlite3.Connection, worker: Worker) -> None:
    """The verdict of a worker's report on the head's revision; one worker that runs it is enough."""
    version, revision = db.execute("SELECT version, revision FROM head").fetchone()
    if revision is None or worker.version < version:
        return
    if worker.error is None and worker.revision == revision:
        db.execute(_TAKEN, (revision,))
    elif worker.error is not None and worker.revision != revision:
        db.execute(_REFUSED, (revision,))


def proven(db: sqlite3.Connection) -> str | None:
    """The newest revision that was taken, where the head's was only ever refused."""
    refused = db.execute("SELECT 1 FROM head JOIN verdict USING (revision) WHERE taken = 0").fetchone()
    found = db.execute(_NEWEST).fetchone() if refused else None
    return str(found[0]) if found else None
