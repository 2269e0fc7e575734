"""Work in small whole steps: what a change is on the worker's loop."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import TypeVar

Steps = Iterator[bool | None]  # True: what comes next takes long, requests should go first
T = TypeVar("T")


def to_end(work: Generator[None, None, T]) -> T:
    """All steps at once, where no requests wait: at boot."""
    while True:
        try:
            next(work)
        except StopIteration as done:
            result: T = done.value
            return result
