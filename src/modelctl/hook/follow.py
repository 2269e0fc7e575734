"""The watch on the worker's loop: look often and cheaply, work in short stretches, say what came of it.

Everything here runs on LiteLLM's own event loop and never awaits: under load one `await` costs a whole
turn of the loop. A change is a generator of small whole steps; between two of them requests get
their turn as soon as `STRETCH` is used up, or at once where a step asks for it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Generator, Mapping
from typing import Any, Protocol

from modelctl.collector import collector_paused
from modelctl.desired import Deployment, LiveConfig
from modelctl.hook import contract
from modelctl.hook.apply import Applier, Nack
from modelctl.hook.aside import Aside
from modelctl.hook.log import log
from modelctl.hook.report import Report, Reporter
from modelctl.hook.router import LiveRouter
from modelctl.hook.settings import LiveSettings
from modelctl.hook.steps import Steps

POLL = 0.005  # seconds between two looks at the bell
LATE = 0.005  # seconds: a loop that is behind by so much has requests in hand
STRETCH = 0.004  # seconds of work before requests get a turn
LOOK = 0.5  # seconds between two full looks, should a ring have been missed
AGAIN = 2.0  # seconds until the next try after something went wrong that nobody foresaw


class Source(Protocol):
    """Where the worker reads what it should run."""

    version: int  # of the newest state that was looked at
    revision: str | None  # of the state that the Router runs

    @property
    def trouble(self) -> str | None:
        """Why that is not the newest one."""

    def due(self) -> bool:
        """Whether something may have changed; called every few milliseconds, costs next to nothing."""

    def look(self) -> bool:
        """The same, thoroughly."""

    def fetch(self) -> Generator[None, None, LiveConfig | None]:
        """What to run now; None for "nothing new". Raises `Nack` when it cannot be had or is refused."""

    def booted(self, dropped: list[Deployment]) -> None:
        """LiteLLM's Router has come to be, without the entries in `dropped`, which it refused."""

    def applied(self) -> None:
        """The Router runs what `fetch` returned last."""

    def refused(self, why: str) -> None:
        """What `fetch` returned or raised last is not live and will not be."""


class Follower:
    """`booted`: what LiteLLM is told to boot on; `defaults`: of its settings, before it read any."""

    def __init__(
        self, proxy: Any, source: Source, reporter: Reporter, booted: LiveConfig, defaults: Mapping[str, object]
    ) -> None:
        self._proxy, self._source, self._reporter, self._defaults = proxy, source, reporter, defaults
        self._loop = asyncio.get_running_loop()
        self._work: Steps | None = None
        self._looked = 0.0
        self._due = time.monotonic()
        self._busy = False  # whether this turn came late
        self._began = 0.0
        self._failure: str | None = None
        self._aside = Aside()
        self.booted = booted
        self.applier: Applier | None = None
        self.caught_up = asyncio.Event()

    def start(self) -> None:
        self._loop.call_soon(self._tick)

    def _tick(self) -> None:
        pause = POLL
        self._busy = time.monotonic() - self._due > LATE
        try:
            if self._turn():
                pause = 0
        except Exception as error:
            pause = AGAIN
            self._fail(error)
        finally:
            self._due = time.monotonic() + pause
            self._loop.call_later(pause, self._tick)

    def _fail(self, error: Exception) -> None:
        """Nobody is held up by it, and the same failure is said once."""
        self._work = None
        text = str(error) if isinstance(error, Nack) else f"the hook failed: {type(error).__name__}: {error}"
        if text != self._failure:
            self._failure = text
            if not isinstance(error, Nack):
                log.error("the hook failed; the worker goes on with what it has", exc_info=error)
            self._report(text)
        self.caught_up.set()

    def _turn(self) -> bool:
        """One stretch of work; whether there is more to do at once."""
        if self._work is None:
            self._work = self._next_work()
        if self._work is None:
            return False
        end = time.perf_counter() + STRETCH
        for give_way in self._work:
            # On a busy loop another turn costs the change more than it spares the requests.
            if (give_way and not self._busy) or time.perf_counter() >= end:
                return True
        self._work = None
        return False

    def _next_work(self) -> Steps | None:
        router = self._proxy.llm_router
        if router is None:
            return None  # LiteLLM is still booting
        if self.applier is None or self.applier.router.router is not router:
            return self._meet()
        now = time.monotonic()
        if self._source.due():
            return self._sync()
        if now - self._looked >= LOOK:
            self._looked = now
            if self._source.look():
                return self._sync()
            if self.applier.router.lost(self.applier.owned):
                return self._heal()
        if not self.caught_up.is_set():
            self._aside.start()
            self.caught_up.set()
        elif not self._busy:
            self._aside.look(now)
        return None

    def _meet(self) -> Steps:
        """The Router has just come to be: compare it with what it was told to boot on."""
        lacks = contract.missing_in(self._proxy.llm_router)
        if lacks:
            raise Nack(contract.lacks_text(lacks))
        door = LiveRouter(self._proxy)
        live = self.applier.live if self.applier else self.booted
        self.applier = Applier(door, live, LiveSettings(self._proxy, self.booted.settings, self._defaults))
        self._source.booted(self.applier.adopt())
        yield from self._sync(first=True)

    def _sync(self, first: bool = False) -> Steps:
        self._began = time.perf_counter()
        assert self.applier is not None
        try:
            with collector_paused():
                new = yield from self._source.fetch()
                if new is not None:
                    yield from self.applier.steps(new)
            if new is None and not first:
                return
        except Nack as nack:
            self._source.refused(str(nack))
        else:
            if new is not None:
                self._source.applied()
        self._failure = None
        self._report(self._source.trouble)

    def _heal(self) -> Steps:
        """Some other code of LiteLLM's removed deployments of ours: put them back."""
        assert self.applier is not None
        log.warning("LiteLLM's Router lost deployments that the desired state holds; putting them back")
        self._began = time.perf_counter()
        yield from self.applier.steps(self.applier.live)
        self._failure = None
        self._report(self._source.trouble)

    def _report(self, error: str | None) -> None:
        applier, source = self.applier, self._source
        if applier is None:
            self._reporter.say(Report(source.version, None, error, {}, (), ()))
            return
        unset = frozenset[str]().union(*applier.router.unset.values()) if applier.router.unset else frozenset[str]()
        took = (time.perf_counter() - self._began) * 1000
        targets = {
            name: str(value.get("model") if isinstance(value, Mapping) else value)
            for name, value in applier.live.aliases.items()
        }
        self._reporter.say(
            Report(
                version=source.version,
                revision=source.revision,
                error=error,
                targets=targets,
                unset=tuple(sorted(unset)),
                restart_needed=tuple(applier.settings.restart_needed()),
                deployments=len(applier.owned),
                took_ms=round(took, 2),
            )
        )


def reader(follower: Follower) -> Callable[[], LiveConfig]:
    """What LiteLLM is told whenever it reads its config again: what this worker has applied.

    While a change is under way it is told of both worlds, since its database poll removes from the
    Router whatever the config lacks.
    """

    def applied() -> LiveConfig:
        applier = follower.applier
        if applier is None:
            return follower.booted
        live = applier.live
        coming = applier.coming.deployments if applier.coming else {}
        return LiveConfig({**coming, **live.deployments}, live.aliases, live.fallbacks, applier.settings.in_force())

    return applied
