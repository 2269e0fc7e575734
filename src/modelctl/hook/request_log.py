"""Collects how each request went, in a bounded memory; a thread writes what has ended beside the store.

The order of LiteLLM's callbacks is not certain: an answer's end may be told before its beginning, and a failed call
after the end of its request. So a request is written `SETTLE_S` after its end.
"""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from modelctl.errors import StoreDown
from modelctl.hook.log import log
from modelctl.state.request_record import RequestOrigin, RequestRecord, TriedCall

MOST_OPEN = 5_000  # requests that are remembered
MOST_TRIED = 12  # calls of one request
MOST_WAITING = 20_000  # requests that wait for a file that cannot be written: the oldest go first
SETTLE_S = 0.5


class RequestSink(Protocol):
    """Where they go: `store.request_store.RequestStore`, or a control plane. Raises `StoreDown`."""

    def write(self, records: Sequence[RequestRecord], now: float) -> None: ...

    def close(self) -> None: ...


@dataclass(slots=True)
class OpenRequest:
    id: str
    origin: RequestOrigin | None = None
    tried: list[TriedCall] = field(default_factory=list)
    more: int = 0
    ended: float = 0.0
    end: RequestRecord | None = None

    def record(self) -> RequestRecord | None:
        end = self.end
        if end is None:
            return None
        return RequestRecord(
            end.id, end.at, end.asked, self.origin or end.origin, end.outcome, response=end.response,
            seconds=end.seconds, failed=end.failed, tried=tuple(self.tried), more=self.more,
        )  # fmt: skip


class RequestLog:
    """`origin` tells what the worker runs for a name. Everything but `write` is called on the worker's loop."""

    def __init__(self, store: RequestSink, origin: Callable[[str], RequestOrigin]) -> None:
        self._store, self._origin = store, origin
        self._open: OrderedDict[str, OpenRequest] = OrderedDict()
        self._ended: deque[OpenRequest] = deque(maxlen=MOST_WAITING)
        self._down = False

    def began(self, call: str, origin: RequestOrigin) -> None:
        """The answer begins; `origin` is what its headers say."""
        if call:
            self._of(call).origin = origin

    def tried(self, call: str, one: TriedCall) -> None:
        if call:
            request = self._of(call)
            if len(request.tried) < MOST_TRIED:
                request.tried.append(one)
            else:
                request.more += 1

    def ended(
        self, call: str, at: float, asked: str, outcome: str, *, response: str | None = None,
        seconds: float | None = None, failed: str | None = None,
    ) -> None:  # fmt: skip
        """`at`: when it arrived."""
        if not call:
            return
        request, first = self._of(call), self._of(call).end is None
        origin = request.origin or self._origin(asked)
        request.end = RequestRecord(
            call, at, asked, origin, outcome, response=response, seconds=seconds, failed=failed
        )  # fmt: skip
        if first:
            request.ended = time.monotonic()
            self._ended.append(request)

    def write(self, now: float) -> None:
        """What ended a moment ago, to the file; called by a thread of its own, every second."""
        ready = self._ready()
        try:
            if ready:
                self._store.write([record for each in ready if (record := each.record())], now)
            self._down = False
        except StoreDown as error:
            if not self._down:
                log.warning("%s; requests cannot be explained meanwhile", error.message)
            self._down = True
            room = max(0, MOST_WAITING - len(self._ended))
            self._ended.extendleft(reversed(ready[max(0, len(ready) - room) :]))

    def close(self) -> None:
        self._store.close()

    # -- inside --------------------------------------------------------------------------------

    def _ready(self) -> list[OpenRequest]:
        settled, found = time.monotonic() - SETTLE_S, list[OpenRequest]()
        while self._ended and self._ended[0].ended <= settled:
            found.append(self._ended.popleft())
        return found

    def _of(self, call: str) -> OpenRequest:
        request = self._open.get(call)
        if request is None:
            request = self._open[call] = OpenRequest(call)
            if len(self._open) > MOST_OPEN:
                self._open.popitem(last=False)
        return request
