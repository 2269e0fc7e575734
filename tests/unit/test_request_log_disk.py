"""How requests went, while the file that keeps them cannot be written."""

from __future__ import annotations

import time
from collections.abc import Sequence

import pytest

from modelctl.errors import StoreDown
from modelctl.hook import request_log
from modelctl.hook.request_log import RequestLog
from modelctl.state.request_record import RequestOrigin, RequestRecord


class Shut:
    """A file that cannot be written until `open` is set."""

    def __init__(self) -> None:
        self.open, self.written = False, list[str]()

    def write(self, records: Sequence[RequestRecord], now: float) -> None:
        if not self.open:
            raise StoreDown("the disk is full")
        self.written += [one.id for one in records]

    def close(self) -> None: ...


@pytest.mark.parametrize(
    ("before", "meanwhile", "kept"), [(3, 0, "012"), (3, 2, "12ab"), (3, 4, "abcd"), (6, 0, "2345")]
)
def test_what_cannot_be_written_waits_and_the_oldest_goes_first(
    monkeypatch: pytest.MonkeyPatch, before: int, meanwhile: int, kept: str
) -> None:
    monkeypatch.setattr(request_log, "MOST_WAITING", 4)
    monkeypatch.setattr(request_log, "SETTLE_S", 0.0)
    shut = Shut()
    log = RequestLog(shut, lambda _: RequestOrigin("w1"))
    names = iter("0123456"[:before])
    taken, log._ready = log._ready, lambda: ready(meanwhile)  # type: ignore[method-assign]

    def ended(name: str) -> None:
        log.ended(name, time.time(), "active", "answered")

    def ready(more: int) -> list[request_log.OpenRequest]:
        """Further requests end while the file is tried."""
        found = taken()
        for name in "abcd"[:more]:
            ended(name)
        return found

    for name in names:
        ended(name)
    log.write(time.time())
    log._ready, shut.open = taken, True  # type: ignore[method-assign]
    log.write(time.time())
    assert "".join(shut.written) == kept
