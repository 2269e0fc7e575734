"""Waiting on conditions, never on a length of time."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


def wait_until(condition: Callable[[], T], what: str, timeout: float = 10.0, every: float = 0.01) -> T:
    """Ask until the answer is truthy and return it; AssertionError after `timeout` seconds."""
    end = time.monotonic() + timeout
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() >= end:
            raise AssertionError(f"not within {timeout:g} s: {what} (last answer: {answer!r})")
        time.sleep(every)


def run_async(work: Coroutine[Any, Any, T]) -> T:
    """`asyncio.run` in a thread of its own: a browser test of the same session may keep a loop in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


async def within(work: Awaitable[T], seconds: float) -> T:
    """`asyncio.wait_for`, but for a fault that it has before Python 3.12: it may swallow a cancellation."""
    async with asyncio.timeout(seconds):
        return await work
