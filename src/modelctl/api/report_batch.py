"""Reports of workers, written to the store together: what comes while one write is under way goes with the next."""

from __future__ import annotations

import asyncio

from modelctl.state.selection import Worker
from modelctl.store import Store


class ReportBatch:
    """After a selection every worker acks at once: a transaction, and a ring of the bell, for each would be slow."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._next: dict[str, Worker] = {}
        self._written: asyncio.Future[None] | None = None  # of what waits in `_next`
        self._writing = asyncio.Lock()

    async def add(self, worker: Worker) -> None:
        """Comes back when the report is stored. Raises StoreDown."""
        self._next[worker.id] = worker
        if self._written is None:
            self._written = asyncio.ensure_future(self._write())
        await asyncio.shield(self._written)

    async def _write(self) -> None:
        async with self._writing:
            batch, self._next, self._written = tuple(self._next.values()), {}, None
            await asyncio.to_thread(self._store.report, *batch)
