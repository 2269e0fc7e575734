"""Freezes long-lived objects for Python's collector: at the start, and again when LiteLLM has loaded more modules.

LiteLLM goes on importing with its first requests: 60,000 objects with the first chat, 90,000 with the first
`/v1/messages`, 85,000 when somebody opens its API's pages. Every full round would look through them again.
"""

from __future__ import annotations

import asyncio
import gc

from modelctl.system.collector import set_aside

ENOUGH = 20_000  # new objects that make a freeze worth its cost
TIMES = 20  # freezes at most: a worker that keeps growing must still be able to free memory
EVERY = 0.5  # seconds between two looks
SOON = 0.05  # seconds until the next look for a moment without requests

REQUEST = ".run_asgi"  # how uvicorn's task of a request or of a websocket ends
SERVER = "LifespanOn.main"  # uvicorn's task for as long as it serves


class CollectorFreeze:
    """`start` once, `look` from the worker's loop as often as it likes."""

    def __init__(self) -> None:
        self._left = TIMES
        self._next = 0.0
        self._set_aside_at = self._seen = 0  # rounds of the youngest generation

    def start(self) -> None:
        set_aside()
        self._set_aside_at = self._seen = _young_rounds()

    def look(self, now: float) -> None:
        if now < self._next or not self._left:
            return
        self._next = now + EVERY
        rounds = _young_rounds()
        growing, self._seen = rounds - self._seen >= _worth(), rounds
        if growing or rounds - self._set_aside_at < _worth():
            return
        if not quiet():
            self._next = now + SOON
            return
        if len(gc.get_objects()) >= ENOUGH:
            set_aside()
            self._left -= 1
        self._set_aside_at = self._seen = _young_rounds()


def _young_rounds() -> int:
    """Rounds of the youngest generation: a round means that a threshold's worth of objects was made. Costs 2 us."""
    return int(gc.get_stats()[0]["collections"])


def _worth() -> int:
    return max(1, ENOUGH // max(1, gc.get_threshold()[0]))


def quiet() -> bool:
    """Whether no request is in flight: what it holds would never be looked at again.

    Known of uvicorn alone, which is what serves LiteLLM unless somebody chose another; there it is never quiet.
    """
    names = [getattr(task.get_coro(), "__qualname__", "") for task in asyncio.all_tasks()]
    return SERVER in names and not any(name.endswith(REQUEST) for name in names)
