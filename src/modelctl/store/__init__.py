"""Stores desired state, selections, history and the workers' acks.

A store keeps one *head* (revision and selections together) that changes in one step, so that a
reader never sees a new catalog with an old selection or the reverse. Bodies are stored under their
digest: a reader fetches only those that it does not have.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from modelctl.errors import Problem, UsageError
from modelctl.state.desired import Deployment, DesiredState, Provider
from modelctl.state.desired_json import from_manifest
from modelctl.state.selection import Head, HistoryEntry, Resting, Selections, Worker
from modelctl.store.usage_store import Retention, Row


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
        """Newest first. Workers read it too, for what it asks of them (`state.cooldown.CLEAR`)."""

    def report(self, *workers: Worker) -> None:
        """Store workers' latest reports, and ring once; not durable, since they report again.

        StoreDown when the store is replaced.
        """

    def workers(self) -> list[Worker]:
        """The latest reports; `version` is 0 where it counts the heads of another store."""

    def forget(self, worker_id: str) -> None: ...

    def now(self) -> float:
        """The time by the clock of the store's host, UTC seconds: the one that ends time limits."""

    def bell(self) -> tuple[int, int]:
        """Two numbers that change with each commit and with what a worker says anew; costs under 1 us."""

    def wakes(self) -> int | None:
        """A descriptor that can be read from once `bell` may have changed; None where it must be asked.

        Whoever listens reads it empty. It is the store's, and is closed with it.
        """

    def remarks(self) -> tuple[Problem, ...]:
        """What a person should know of where the store is; asks nobody, costs nothing."""

    def away(self) -> str | None:
        """Why what is read here may be old: a copy whose original cannot be reached. None for the store itself."""

    def moved(self) -> bool:
        """Whether another store stands at the address that this one was opened under."""

    def renew(self) -> Head | None:
        """Open the store that is at the address now; creates it where there is none.

        The last head of the store that was open before; None where it is still the same.
        """

    def close(self) -> None: ...


def open_store(url: str, patience: float = 5.0, copies: Path | None = None) -> Store:
    """`sqlite:///DIR`, or simply a state folder; `redis://` and its kin (see `redis_address`).

    `patience`: seconds to wait while others have it locked, or for an answer. `copies`: a folder of this
    host for what a store elsewhere acknowledges, so that it can get it back.
    """
    kind, there, _ = url.partition("://")
    place = _OPENED_BY.get(kind if there else "sqlite")
    if kind in ("http", "https"):
        text = "MODELCTL_STORE over HTTP is for LiteLLM workers; a control plane needs a store of its own"
        raise UsageError(text, hint="leave --store away, or name a folder")
    if place is None:
        raise UsageError(f"no store of kind `{kind}`", hint="sqlite:///DIR, a folder, or redis://HOST:6379")
    module, function = place
    opened: Store = getattr(import_module(module), function)(url, patience, copies)
    return opened


_REDIS = ("modelctl.store.kept_redis", "open_redis")
_OPENED_BY = {
    "sqlite": ("modelctl.store.sqlite", "open_folder"),
    **{f"{name}{tls}{kind}": _REDIS for name in ("redis", "valkey") for tls in ("", "s")
       for kind in ("", "+sentinel", "+cluster")},
}  # fmt: skip
"""The module and function for each kind of URL: imported only when it is asked for."""


class CountedRows(NamedTuple):
    """What `UsageStore.write` takes."""

    worker: str
    rows: Sequence[Row]
    prices: str | None


class UsageSource(Protocol):
    """Where workers leave what they count, for control planes elsewhere. Every method raises `StoreDown`."""

    def write(self, worker: str, rows: Sequence[Row], prices: str | None = None) -> None: ...

    def read(self) -> Iterator[CountedRows]:
        """What was written since the last time."""

    def age(self, now: float, keep: Retention) -> None: ...

    def close(self) -> None: ...


def is_elsewhere(url: str) -> bool:
    """Whether the store may be on another host, so that nobody's loop may wait for it."""
    return url.partition("://")[0] in _COUNTED_BY


def usage_elsewhere(url: str) -> UsageSource | None:
    """None where usage is kept in a file beside the store (see `usage_store`)."""
    place = _COUNTED_BY.get(url.partition("://")[0])
    if place is None:
        return None
    module, function = place
    opened: UsageSource = getattr(import_module(module), function)(url)
    return opened


_COUNTED_BY = {kind: ("modelctl.store.redis_usage", "open_redis_usage") for kind in _OPENED_BY if kind != "sqlite"}


def desired_state(store: Store, revision: str) -> DesiredState:
    """Read a published revision back, whole."""
    manifest = store.manifest(revision)
    return from_manifest(manifest, store.deployments(manifest["deployments"]), store.providers(manifest["providers"]))
