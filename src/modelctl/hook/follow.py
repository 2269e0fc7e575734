"""The loop on the worker's loop: wake at news, let `decide` say what to do, do it in short stretches.

Everything here runs on LiteLLM's own event loop and never awaits: under load one `await` costs a whole
turn of the loop. A change is a generator of small whole steps; between two of them requests get
their turn as soon as `STRETCH` is used up, or at once where a step asks for it.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Mapping
from typing import Any

from modelctl.hook import contract
from modelctl.hook.apply import Applier, Nack
from modelctl.hook.collector_freeze import CollectorFreeze
from modelctl.hook.decide import decide
from modelctl.hook.events import (
    Action,
    Applied,
    Apply,
    ConfigRefused,
    Event,
    Fetch,
    KeepRunning,
    KeysTurned,
    Lost,
    Note,
    Say,
    TimeUp,
)
from modelctl.hook.hook_state import Standing, State
from modelctl.hook.key_rotation import KeyFiles
from modelctl.hook.log import log
from modelctl.hook.reader import Reader
from modelctl.hook.router import LiveRouter
from modelctl.hook.router_settings import LiveSettings
from modelctl.hook.stepwise import Steps
from modelctl.hook.worker_report import Reporter, report_of
from modelctl.state.router_config import RouterConfig
from modelctl.system.collector import collector_paused

POLL = 0.005  # seconds between two looks while LiteLLM boots, and at least between any two
LATE = 0.005  # seconds: a loop that is behind by so much has requests in hand
STRETCH = 0.002  # seconds of work before requests get a turn; one step more may take as long again
LOOK = 0.5  # seconds between two full looks, should a ring have been missed
AGAIN = 2.0  # seconds until the next try after something went wrong that nobody foresaw


class Follower:
    """`booted`: what LiteLLM is told to boot on; `defaults`: of its settings, before it read any."""

    def __init__(
        self,
        proxy: Any,
        reader: Reader,
        reporter: Reporter,
        state: State,
        *,
        booted: RouterConfig,
        defaults: Mapping[str, object],
    ) -> None:
        self._proxy, self._reader, self._reporter, self._defaults = proxy, reader, reporter, defaults
        self._loop = asyncio.get_running_loop()
        self._work: Steps | None = None
        self._looked = 0.0
        self._due = time.monotonic()
        self._busy = False  # whether this turn came late
        self._began = 0.0
        self._failure: str | None = None
        self._aside = CollectorFreeze()
        self.state = state
        self.booted = booted
        self.applier: Applier | None = None
        self.keys: KeyFiles | None = None  # keys that come from files
        self.caught_up = asyncio.Event()

    def now(self) -> float:
        return self._reader.now()

    def start(self) -> None:
        self._reader.listen(self._rung)
        self._next: asyncio.Handle = self._loop.call_soon(self._tick)

    def _rung(self) -> None:
        """There is news. How late a ring comes is not known, so the loop counts as busy if it was so before."""
        self._next.cancel()
        self._go_on()

    def _tick(self) -> None:
        self._busy = time.monotonic() - self._due > LATE
        self._go_on()

    def _go_on(self) -> None:
        pause = AGAIN
        try:
            pause = 0 if self._turn() else self._pause()
        except Exception as error:
            self._fail(error)
        finally:
            self._due = time.monotonic() + pause
            self._next = self._loop.call_later(pause, self._tick)

    def _pause(self) -> float:
        """Seconds until the next turn, where nobody rings before."""
        if not self.caught_up.is_set():
            return POLL
        pause, turn = self._reader.pause(), self.state.turn_at
        return pause if turn is None else min(pause, max(POLL, turn - self.now()))

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
            return self._carry_out([self._meet(router)])
        events = self._new_events(self.applier)
        if events:
            return self._carry_out(events)
        if not self.caught_up.is_set():
            self._aside.start()
            self.caught_up.set()
        else:
            self._aside.look(time.monotonic())
        return None

    def _new_events(self, applier: Applier) -> list[Event]:
        if self.state.turn_at is not None and self.now() >= self.state.turn_at:
            return [TimeUp()]
        now = time.monotonic()
        if self.keys is not None and self.keys.look(now):
            return [KeysTurned()]
        thorough = now - self._looked >= LOOK
        if not thorough and not self._reader.due():
            return []
        event = self._reader.look()
        events = [event] if event is not None else []
        if thorough:
            self._looked = now
            events += [Lost()] if applier.router.lost(applier.owned) else []
        return events

    def _meet(self, router: Any) -> Event:
        """The Router has just come to be: compare it with what it was told to boot on."""
        lacks = contract.missing_in(router)
        if lacks:
            raise Nack(contract.lacks_text(lacks))
        live = self.applier.live if self.applier else self.booted
        settings = LiveSettings(self._proxy, self.booted.settings, self._defaults)
        self.applier = Applier(LiveRouter(self._proxy), live, settings)
        return self._reader.born(self.applier.adopt())

    def _carry_out(self, heard: Iterable[Event]) -> Steps:
        """What is decided on the events, and on those that follow from doing it."""
        self._began = time.perf_counter()
        events = deque(heard)
        with collector_paused():
            while events:
                self.state, actions = decide(self.state, events.popleft(), self.now())
                for action in actions:
                    answer = yield from self._do(action)
                    if answer is not None:
                        events.append(answer)

    def _do(self, action: Action) -> Generator[bool | None, None, Event | None]:
        match action:
            case Fetch():
                return (yield from self._reader.fetch(action))
            case Apply():
                return (yield from self._apply(action.config))
            case KeepRunning():
                self._reader.keep(action)
            case Note():
                getattr(log, action.level)("%s", action.text)
            case Say():
                self._failure = None
                took = (time.perf_counter() - self._began) * 1000
                self._reporter.say(report_of(self.state, self.applier, took))
        return None

    def _apply(self, config: RouterConfig) -> Generator[bool | None, None, Event]:
        assert self.applier is not None
        try:
            yield from self.applier.steps(config)
        except Nack as nack:
            return ConfigRefused(str(nack), nack.entry)
        return Applied()

    def _fail(self, error: Exception) -> None:
        """Nobody is held up by it, and the same failure is reported once."""
        self._work = None
        text = str(error) if isinstance(error, Nack) else f"the hook failed: {type(error).__name__}: {error}"
        if text != self._failure:
            self._failure = text
            if not isinstance(error, Nack):
                log.error("the hook failed; the worker goes on with what it has", exc_info=error)
            standing = Standing.UNSUPPORTED if isinstance(error, Nack) else Standing.FAILED
            self._reporter.say(report_of(self.state, self.applier, 0.0, failure=text, standing=standing))
        self.caught_up.set()


def applied_by(follower: Follower) -> Callable[[], RouterConfig]:
    """What LiteLLM is told whenever it reads its config again: what this worker has applied.

    While a change is under way it is told of both worlds, since its database poll removes from the
    Router whatever the config lacks.
    """

    def applied() -> RouterConfig:
        applier = follower.applier
        if applier is None:
            return follower.booted
        live = applier.live
        coming = applier.coming.deployments if applier.coming else {}
        return RouterConfig({**coming, **live.deployments}, live.aliases, live.fallbacks, applier.settings.in_force())

    return applied
