"""The three-way truth: catalog, published revision, workers."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from modelctl.control_plane.background import hear
from modelctl.errors import Problem
from modelctl.service.agreement import Since, agreement
from modelctl.service.snapshot import Snapshot
from modelctl.state.selection import Head, Worker
from support.api_server import make_service, write_catalog
from support.waiting import run_async

HEAD = Head(version=3, revision="r2")
ERROR = Problem("unknown-key", "`targt` is unknown")
HELD = Problem("not-published", "r3 waits", severity="info")


def worker(version: int = 3, error: str | None = None, restart: tuple[str, ...] = ()) -> Worker:
    return Worker("w1", 1, "host", version=version, error=error, restart_needed=restart)


@pytest.mark.parametrize(
    ("head", "workers", "built", "problems", "stale", "expected"),
    [
        (Head(), (), None, (), None, ("unknown", "nothing has been published yet")),
        (HEAD, (worker(),), "r2", (), "x has not answered for 5 min", ("unknown", "x has not answered for 5 min")),
        (HEAD, (worker(),), "r2", (ERROR,), None, ("diverged", "the catalog is not live: `targt` is unknown")),
        (HEAD, (worker(),), "r3", (HELD,), None, ("diverged", "the catalog is not live: r3 waits")),
        (HEAD, (worker(),), "r3", (), None, ("diverged", "the catalog is not live: revision r3 is not published")),
        (HEAD, (), "r2", (), None, ("unknown", "no worker runs")),
        (HEAD, (worker(), worker(2)), "r2", (), None, ("pending", "1 of 2 workers have not answered yet")),
        (HEAD, (worker(2), worker(3, "no such model")), "r2", (), None, ("diverged", "w1: no such model")),
        (HEAD, (worker(restart=("cache",)),), "r2", (), None, ("pending", "a restart brings in cache")),
        (HEAD, (worker(), worker(4)), "r2", (), None, ("in-sync", None)),
        (HEAD, (worker(),), None, (), None, ("in-sync", None)),
    ],
)  # fmt: skip
def test_verdict(head, workers, built, problems, stale, expected) -> None:  # type: ignore[no-untyped-def]
    assert agreement(Snapshot(head, None, workers, 0.0), built, problems, stale) == expected


def test_since_is_when_the_state_began_and_not_when_the_reason_changed() -> None:
    times = iter((10.0, 20.0, 30.0))
    since = Since(lambda: next(times))
    assert since(("pending", "1 of 2"))["since"] == 10
    assert since(("pending", "2 of 2")) == {"state": "pending", "since": 10, "reason": "2 of 2"}
    assert since(("in-sync", None))["since"] == 20
    assert since(("in-sync", None))["since"] == 20


def test_since_when_it_stands_is_followed_while_nobody_asks(tmp_path: Path) -> None:
    times = iter((10.0, 20.0))
    service = make_service(write_catalog(tmp_path))
    service.publish()
    service._since = Since(lambda: next(times))

    async def heard() -> None:
        hearing = asyncio.create_task(hear(service))
        async with asyncio.timeout(20):
            while service._since._last is None:
                await asyncio.sleep(0)
        hearing.cancel()

    run_async(heard())
    assert service.agreement(service.snapshot()) == {"state": "unknown", "since": 10, "reason": "no worker runs"}
