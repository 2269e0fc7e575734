"""The state at one moment: head, desired state, live workers, and the target of every route."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

from modelctl.errors import NotFound
from modelctl.service.model_index import Index
from modelctl.state import routes
from modelctl.state.blocking import Reached, blocks, standing
from modelctl.state.desired import DesiredState
from modelctl.state.selection import Head, Selection, Worker
from modelctl.store import worker_process

GONE_AFTER_S = 10.0  # a worker reports every 2 s; after this silence it is gone, or it hangs
NAMED_S = 600.0  # for so long a worker that fell silent is named, where its process cannot be seen
LOOK_AGAIN_S = 1.0  # liveness has no bell: a pid that vanished is noticed this late


@dataclass(frozen=True)
class Snapshot:
    """Good until `until` (UTC seconds) unless the store's bell rings before."""

    head: Head
    index: Index | None
    workers: tuple[Worker, ...]
    now: float
    silent: tuple[Worker, ...] = ()  # on other hosts, without a goodbye

    @property
    def desired(self) -> DesiredState | None:
        return self.index.desired if self.index else None

    @cached_property
    def targets(self) -> dict[str, str]:
        """Where the requests for each route go."""
        return {name: one.target for name, one in self.reached.items()}

    @cached_property
    def reached(self) -> dict[str, Reached]:
        return standing(self.desired, self.head.selections, self.now) if self.desired else {}

    @cached_property
    def blocks(self) -> dict[str, Selection]:
        """Public name -> its block."""
        return blocks(self.head.selections, self.now)

    @cached_property
    def unset(self) -> frozenset[str]:
        """Variables that at least one live worker misses."""
        return frozenset(name for worker in self.workers for name in worker.unset)

    @cached_property
    def until(self) -> float:
        change = routes.next_change(self.head.selections, self.now)
        return min(self.now + LOOK_AGAIN_S, change if change is not None else self.now + LOOK_AGAIN_S)

    def need(self) -> Index:
        """The published catalog, or a clear answer that there is none yet."""
        if self.index is None:
            raise NotFound("nothing has been published yet", hint="`modelctl status` says what stands in the way")
        return self.index

    @property
    def lacking(self) -> list[Worker]:
        """Live workers that do not run the current revision and selection."""
        return [worker for worker in self.workers if not worker.acked(self.head.version)]


def living(workers: Iterable[Worker], now: float) -> tuple[Worker, ...]:
    """Workers that may serve requests: they reported lately, or their process still exists."""
    return tuple(one for worker in workers if (one := _alive(worker, now)))


def silent(workers: Iterable[Worker], now: float) -> tuple[Worker, ...]:
    """Workers that fell silent a while ago, and whose processes we cannot see: dead, cut off, or hanging."""
    return tuple(worker for worker in workers if GONE_AFTER_S <= now - worker.at < NAMED_S and not _visible(worker))


def _visible(worker: Worker) -> bool:
    return worker_process.visible(worker.host, worker.namespace)


def _alive(worker: Worker, now: float) -> Worker | None:
    """None for a worker that is gone: by its process where we can see it, else by the age of its last report."""
    seen, quiet = _visible(worker), now - worker.at
    if seen and not worker_process.runs(worker.pid, worker.born):
        return None
    if quiet < GONE_AFTER_S:
        return worker
    # It hangs: its socket still accepts, and it serves an older state.
    silence = f"silent for {quiet:.0f} s" + (f"; before: {worker.error}" if worker.error else "")
    return replace(worker, error=silence) if seen else None
