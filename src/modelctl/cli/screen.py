"""What `up` and `serve` print while they run."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from modelctl.cli import output
from modelctl.project import Settings

if TYPE_CHECKING:
    from modelctl.service import Outcome
    from modelctl.supervisor.up import Screen

PLAIN_EVERY_S = 5.0


def screen() -> Screen:
    return Terminal() if output.colourful(sys.stderr) else Plain()


class Plain:
    """For logs and pipes: a line of progress every few seconds."""

    def __init__(self) -> None:
        self._last = 0.0

    def say(self, text: str) -> None:
        output.say(text)

    def progress(self, text: str) -> None:
        if time.monotonic() - self._last >= PLAIN_EVERY_S:
            self._last = time.monotonic()
            output.say(text)

    def done(self) -> None:
        pass


class Terminal:
    """For people: one line that moves."""

    def __init__(self) -> None:
        from rich.console import Console  # 45 ms, and in a pipe nothing moves

        self._console = Console(stderr=True, highlight=False)
        self._status: Any = None

    def say(self, text: str) -> None:
        self._console.print(text, markup=False)

    def progress(self, text: str) -> None:
        if self._status is None:
            self._status = self._console.status(text)
            self._status.start()
        self._status.update(text)

    def done(self) -> None:
        if self._status is not None:
            self._status.stop()
            self._status = None


def teller(settings: Settings) -> Callable[[Outcome], None]:
    """Reports the result of every build, and repeats nothing."""
    last: list[object] = [None]

    def tell(outcome: Outcome) -> None:
        news = (outcome.verdict in ("refused", "held"), outcome.revision, outcome.problems)
        if news == last[0]:
            return
        last[0] = news
        output.problems(outcome.problems, settings.root, sys.stderr)
        counted = output.count(outcome.problems)
        live = f"revision {outcome.revision}" if outcome.revision else "nothing"
        words = {"published": "published", "unchanged": "unchanged", "refused": "not published", "held": "waiting"}
        # Whether a new revision is live is reported once the workers have acked it.
        text = live if outcome.verdict == "published" else f"{live} is live"
        output.say(f"{words[outcome.verdict]}: {text}" + (f" ({counted})" if counted else ""))

    return tell
