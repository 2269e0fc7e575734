"""What runs beside the API: edits are published, time limits ended, workers' answers logged."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Protocol

from modelctl import project
from modelctl.errors import ModelctlError, Problem, StoreDown
from modelctl.service import Outcome, Service
from modelctl.service.snapshot import Snapshot
from modelctl.service.worker_answers import WorkerAnswers
from modelctl.system.collector import keep_aside

LONGEST_NAP_S = 30.0
STORE_PAUSE_S = 0.5
WATCH_PAUSE_S = 1.0
HEAR_EVERY_S = 0.05
log = logging.getLogger("modelctl")
Tell = Callable[[Outcome], None]


class Edits(Protocol):
    """`Watch` over a folder, or `NewCommits` of a branch."""

    def __aiter__(self) -> AsyncIterator[bool]: ...

    async def finished(self) -> None: ...


async def publish(service: Service, tell: Tell, *, prepared: bool = False) -> None:
    """Publish the catalog; retries while the store is down. Never raises."""
    logged = None
    while True:
        try:
            return tell(await asyncio.to_thread(service.publish, prepared=prepared))
        except StoreDown as error:
            service.problems = (Problem("store-down", error.message),)
            if error.message != logged:
                log.error("%s; trying again", error.message)
            logged = error.message
            await asyncio.sleep(STORE_PAUSE_S)
        except Exception:
            return log.exception("a bug in modelctl: the catalog could not be published")


async def publish_finished(service: Service, watch: Edits, tell: Tell) -> None:
    """A start, too, may find a file that is just being written."""
    with suppress(Exception):  # whatever it is, the publish meets it as well, and has words for it
        await watch.finished()
    await publish(service, tell)
    keep_aside()  # what was made of the catalog: a round through 10,000 models takes a second


async def follow(service: Service, watch: Edits, tell: Tell) -> None:
    """Runs until cancelled, and survives failures: edits that are silently ignored would be worst."""
    while True:
        try:
            async for built in watch:
                await publish(service, tell, prepared=built)
        except Exception:
            log.exception("a bug in modelctl: the catalog could not be watched; watching it again")
            await asyncio.sleep(WATCH_PAUSE_S)


async def each_day(service: Service, watch: Edits, tell: Tell) -> None:
    """Publishes once a day, since models retire by date."""
    day = datetime.now(UTC).date()
    while True:
        await asyncio.sleep(LONGEST_NAP_S)
        if (today := datetime.now(UTC).date()) != day:
            day = today
            await publish_finished(service, watch, tell)


async def expire(service: Service) -> None:
    """Sweep when the next time limit ends; looks at the bell so that a new limit is not slept over."""
    while True:
        bell, until = service.store.bell(), None
        with suppress(ModelctlError):
            until = await asyncio.to_thread(service.sweep)
        end = min(service.now() + LONGEST_NAP_S, until or float("inf"))
        while (left := end - service.now()) > 0 and service.store.bell()[0] == bell[0]:
            await asyncio.sleep(min(0.1, max(0.001, left)))


async def hear(service: Service) -> None:
    """Logs a line whenever the workers' verdict changes, and follows whether all agree."""
    hearing = WorkerAnswers()
    seen: Snapshot | None = None
    beside: tuple[Problem, ...] = ()
    while True:
        others, beside = beside, tuple(service.beside())
        for problem in beside:
            if problem not in others:
                log.error("%s; %s", problem.message, problem.hint)
        with suppress(ModelctlError):
            fresh = service.fresh()
            state = fresh if fresh is not None else await asyncio.to_thread(service.snapshot)
            service.agreement(state)  # notes since when they agree, also while nobody asks
            if state is not seen:
                seen = state
                for line in hearing.news(state):
                    log.info(line)
        await asyncio.sleep(HEAR_EVERY_S)


async def end_with_parent() -> None:
    """Ends this process when its supervisor was killed and so cannot pass a signal on."""
    parent = project.parent_pid()
    while parent is not None and os.getppid() == parent:
        await asyncio.sleep(0.25)
    if parent is not None:
        log.warning("the supervisor is gone; ending")
        os.kill(os.getpid(), signal.SIGTERM)
