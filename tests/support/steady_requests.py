"""Requests to a route that go on until they are no longer needed."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from support.litellm_stack import Stack
from support.proxy_client import Answer


@contextmanager
def steady_requests(stack: Stack, route: str, pause_s: float) -> Iterator[list[Answer]]:
    """By both workers, one after the other in each of two threads; what they answered so far."""
    over, seen = threading.Event(), list[Answer]()

    def ask(number: int) -> None:
        for _ in itertools.takewhile(lambda _: not over.wait(pause_s), itertools.count()):
            seen.append(stack.clients[number].chat(route))

    with ThreadPoolExecutor(2) as pool:
        asking = [pool.submit(ask, number) for number in range(2)]
        try:
            yield seen
        finally:
            over.set()
            for each in asking:
                each.result()
