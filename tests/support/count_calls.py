"""How much work something does, in units that are the same on every machine: calls, not seconds."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from types import FrameType
from typing import Any, TypeVar

T = TypeVar("T")


def counted(work: Callable[[], T]) -> tuple[T, int]:
    """What `work` returns, and how many calls of Python and of C functions it took in this thread."""
    calls = 0

    def count(frame: FrameType, event: str, argument: Any) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        return work(), calls
    finally:
        sys.setprofile(before)


def beat() -> float:
    """Seconds of CPU that this machine takes for a certain piece of work (4 ms where this was written).

    The smallest of some: a limit of so many beats is one on work, on a fast machine and on a slow one.
    """
    return min(_beat() for _ in range(9))


def _beat() -> float:
    began = time.thread_time()
    held = {}
    for number in range(20_000):
        held[number % 700] = (number, str(number))
    return time.thread_time() - began
