"""Where a worker reads what it should run: a store, or the config file that LiteLLM was started with."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Protocol

from modelctl.hook.events import Event, Fetch, KeepRunning
from modelctl.state.desired import Deployment


class Reader(Protocol):
    """I/O alone: what is read becomes events for `decide`."""

    def listen(self, rung: Callable[[], None]) -> None:
        """Call `rung` on the running loop as soon as there may be news, where the system can tell."""

    def pause(self) -> float:
        """Seconds until `due` must be asked again, unless `rung` is called before."""

    def now(self) -> float:
        """The time by the clock that ends time limits, UTC seconds."""

    def due(self) -> bool:
        """Whether something may have changed; asked often, costs next to nothing."""

    def look(self) -> Event | None:
        """What is there now; None for "nothing to say"."""

    def fetch(self, asked: Fetch) -> Generator[None, None, Event]:
        """The revision that was seen."""

    def born(self, dropped: list[Deployment]) -> Event:
        """LiteLLM's Router has come to be, without the entries in `dropped`."""

    def keep(self, good: KeepRunning) -> None:
        """Remember it beyond this process."""
