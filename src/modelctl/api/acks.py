"""After a write: wait a moment until every live worker has applied or refused it."""

from __future__ import annotations

import time
from asyncio import sleep, to_thread

from modelctl.service import Service
from modelctl.service.write_answer_types import Ack
from modelctl.state.selection import Worker

PATIENCE_S = 1.0
LOOK_EVERY_S = 0.003
SHARE = 3  # pauses are so many times as long as a look: with hundreds of workers it takes from their answers


async def acks(
    service: Service, version: int, moved: tuple[str, str] | None = None, patience: float = PATIENCE_S
) -> list[Ack]:
    """`{id, acked, error}` of each live worker; at once when all have answered or none runs.

    `moved` is the route that was pointed and its new target: a worker that refuses the published
    revision has still acked the selection, once its own route points there.
    """
    deadline = time.monotonic() + patience
    bell = service.store.bell()
    workers, took = await _looked(service)
    while any(worker.version < version for worker in workers) and time.monotonic() < deadline:
        await sleep(max(LOOK_EVERY_S, SHARE * took))
        if service.store.bell() != bell:
            bell = service.store.bell()
            workers, took = await _looked(service)
    return [_ack(worker, version, moved) for worker in workers]


async def _looked(service: Service) -> tuple[tuple[Worker, ...], float]:
    """The live workers, and the seconds that reading them took."""
    began = time.monotonic()
    return await to_thread(service.workers), time.monotonic() - began


def _ack(worker: Worker, version: int, moved: tuple[str, str] | None) -> Ack:
    late = worker.version < version
    acked = worker.acked(version)
    if moved and moved[0] in worker.targets:
        acked = not late and worker.targets[moved[0]] == moved[1]
    error = worker.error or (f"has not answered within {PATIENCE_S:g} s" if late else None)
    return {"id": worker.id, "acked": acked, "error": error}
