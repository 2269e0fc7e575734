"""Stores desired state, selections, history and the workers' acks.

A store keeps one *head* (revision and selections together) that changes in one step, so that a
reader never sees a new catalog with an old selection or the reverse. Bodies are stored under their
digest: a reader fetches only those that it does not have.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol

from modelctl.errors import UsageError
from modelctl.state.desired import Deployment, DesiredState, Provider
from modelctl.state.desired_json import from_manifest
from modelctl.state.selection import Head, HistoryEntry, Resting, Selections, Worker


class Store(Protocol):
    """One object per thread that must not wait for another; each is safe to share all the same.

    Every method raises `StoreDown` when the store cannot be reached or written.
    """

    @property
    def id(self) -> str:
        """Random, made with the store: reports about another store do not count in this one."""

    def head(self) -> Head:
        """The state that counts now; version 0 before the first write."""

    def manifest(self, revision: str) -> dict[str, Any]:
        """`desired_json.manifest` of a published revision."""

    def holds(self, revision: str) -> bool:
        """Whether a published revision can be read back: its manifest and all bodies are there."""

    def proven(self) -> str | None:
        """The newest revision that a worker has taken, where the head's was only ever refused; else None."""

    def deployments(self, ids: Iterable[str]) -> dict[str, Deployment]: ...

    def providers(self, digests: Sequence[str]) -> list[Provider]: ...

    def commit(
        self,
        expect: int,
        *,
        desired: DesiredState | None = None,
        selections: Selections | None = None,
        entries: Sequence[HistoryEntry] = (),
        resting: Sequence[Resting] | None = None,
    ) -> Head:
        """Replace the head in one durable step and append to history; None leaves what is there.

        Raises `Stale` when the head's version is no longer `expect`: read again, decide again; also when
        the store is no longer the one at its address (see `renew`).
        """

    def resting(self) -> tuple[Resting, ...]:
        """The resting selections of the last commit."""

    def history(self, route: str | None = None, limit: int = 100) -> list[HistoryEntry]:
        """Newest first."""

    def report(self, worker: Worker) -> None:
        """Store a worker's latest report; not durable, since it reports again. StoreDown when the store is replaced."""

    def workers(self) -> list[Worker]:
        """The latest reports; `version` is 0 where it counts the heads of another store."""

    def forget(self, worker_id: str) -> None: ...

    def bell(self) -> tuple[int, int]:
        """Two numbers that change with each commit and with each worker's report; costs under 1 us."""

    def moved(self) -> bool:
        """Whether another store stands at the address that this one was opened under."""

    def renew(self) -> Head | None:
        """Open the store that is at the address now; creates it where there is none.

        The last head of the store that was open before; None where it is still the same.
        """

    def close(self) -> None: ...


def open_store(url: str, patience: float = 5.0) -> Store:
    """`sqlite:///DIR`, or simply a state folder. `patience`: seconds to wait while others have it locked."""
    if "://" in url and not url.startswith("sqlite://"):
        raise UsageError(f"no store of kind `{url.split('://')[0]}`", hint="sqlite:///DIR or a folder")
    from modelctl.store.sqlite import SqliteStore

    return SqliteStore(Path(url.removeprefix("sqlite://")), patience)


def desired_state(store: Store, revision: str) -> DesiredState:
    """Read a published revision back, whole."""
    manifest = store.manifest(revision)
    return from_manifest(manifest, store.deployments(manifest["deployments"]), store.providers(manifest["providers"]))
