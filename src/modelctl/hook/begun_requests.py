"""The requests whose answer has begun, until LiteLLM reports their end: which of them it will never report."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass

from modelctl.usage.figures import Series

MOST = 10_000  # requests that are remembered
LATE_S = 900.0  # without an event after the answer began: LiteLLM will not report the end


@dataclass(frozen=True, slots=True)
class BegunRequest:
    """`at`: when its answer began, UTC seconds. `retried`: an earlier attempt had failed."""

    at: float
    series: Series
    retried: bool


class BegunRequests:
    """Requests begin and end on the worker's loop; another thread asks for those that are overdue."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._begun: OrderedDict[str, BegunRequest] = OrderedDict()

    def began(self, call: str, request: BegunRequest) -> None:
        with self._lock:
            self._begun[call] = request
            if len(self._begun) > MOST:
                self._begun.popitem(last=False)

    def ended(self, call: str) -> BegunRequest | None:
        with self._lock:
            return self._begun.pop(call, None)

    def overdue(self, now: float) -> list[BegunRequest]:
        """Those that began too long ago; they are forgotten."""
        found: list[BegunRequest] = []
        with self._lock:
            while self._begun and next(iter(self._begun.values())).at < now - LATE_S:
                found.append(self._begun.popitem(last=False)[1])
        return found
