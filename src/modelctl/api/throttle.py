"""Delays the answers to wrong tokens, one after the other per client; right tokens are never delayed."""

from __future__ import annotations

import time
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address

FREE = 5  # wrong tokens that are answered at once: somebody has pasted the wrong one
EACH_S = 1.0
LONGEST_S = 30.0
MOST_CLIENTS = 10_000


class Slowing:
    """When the next wrong answer to a client is due."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._due: dict[str, float] = {}  # client -> when its last delayed answer is due

    def delay(self, host: str) -> float:
        """Seconds to wait before this wrong token is answered. Counts it."""
        now, client = self._clock(), _client(host)
        if len(self._due) >= MOST_CLIENTS:
            self._due = {each: due for each, due in self._due.items() if due > now}
        due = max(now, self._due.get(client, now)) + EACH_S
        self._due[client] = min(due, now + FREE * EACH_S + LONGEST_S)
        return min(max(0.0, due - now - FREE * EACH_S), LONGEST_S)


def _client(host: str) -> str:
    """An IPv6 network counts as one client."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    return str(int(address) >> 64) if isinstance(address, IPv6Address) else host
