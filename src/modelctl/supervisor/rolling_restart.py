"""Replaces the workers one after the other: a new one serves before the old one is led out."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from modelctl.errors import ModelctlError
from modelctl.supervisor.managed_process import Death, ManagedProcess, OnDeath

PATIENCE_S = 7.0  # from SIGTERM to SIGKILL; a worker gives its streams 5 s of it
BOOT_S = 300.0
MOST_DEATHS = 2  # of a new worker, before the old ones are left alone


class Starts(Protocol):
    def __call__(self, number: int, on_death: OnDeath) -> ManagedProcess: ...


@dataclass(frozen=True)
class RollingRestart:
    """`booted` is false where `up` ends meanwhile; `under_way` is told what happens to which worker (from 1)."""

    start: Starts
    booted: Callable[[ManagedProcess], Awaitable[bool]]
    under_way: Callable[[int, str], None]
    drain_s: float  # what an old worker serves may take so long, since another one has the port already

    async def run(self, old: Sequence[ManagedProcess], gone: Callable[[ManagedProcess], None]) -> bool:
        """Whether all were replaced; false where `up` ends. Raises ModelctlError where a new one does not come up."""
        for number, each in enumerate(old, 1):
            new = await self._started(number, gone)
            if new is None:
                return False
            self.under_way(number, "drains")
            await each.drain(self.drain_s, PATIENCE_S)
            gone(each)
        return True

    async def _started(self, number: int, gone: Callable[[ManagedProcess], None]) -> ManagedProcess | None:
        died: asyncio.Future[Death] = asyncio.get_running_loop().create_future()
        new = self.start(number, lambda death: _note(death, died))
        self.under_way(number, "boots")
        booting = asyncio.ensure_future(self.booted(new))
        waited: set[asyncio.Future[Any]] = {booting, died}
        await asyncio.wait(waited, timeout=BOOT_S, return_when=asyncio.FIRST_COMPLETED)
        if booting.done():
            return new if booting.result() else None
        booting.cancel()
        await new.end(PATIENCE_S)
        gone(new)
        how = "it died" if died.done() else f"it was not ready after {BOOT_S:.0f} s"
        raise ModelctlError(f"the new LiteLLM worker {number} does not start ({how}); the old ones serve on")


def _note(death: Death, died: asyncio.Future[Death]) -> None:
    if death.in_a_row >= MOST_DEATHS and not died.done():
        died.set_result(death)
