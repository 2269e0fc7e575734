"""The store of another host, as a worker asks it: over HTTP (`http_origin`), or a Redis (`redis_origin`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from modelctl.state.desired import Deployment
from modelctl.state.selection import Worker
from modelctl.store.http_wire import SeenHead


class StoreOrigin(Protocol):
    """Safe to share between threads; raises `StoreDown`."""

    def head(self, tag: str | None, wait: float) -> SeenHead | None:
        """The head, once it is another than that of `tag`; None when that takes longer than `wait` seconds."""

    def manifest(self, revision: str) -> dict[str, Any]: ...

    def deployments(self, ids: Sequence[str]) -> dict[str, Deployment]: ...

    def now(self) -> float:
        """See `Store.now`; asks nobody, and raises nothing."""

    def report(self, *workers: Worker) -> None: ...

    def forget(self, worker_id: str) -> None: ...

    def close(self) -> None: ...
