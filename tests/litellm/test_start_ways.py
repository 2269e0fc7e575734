"""LiteLLM started in each way that it has: ids, leases, switches, a worker that dies, hangs, or is replaced by plan.

`START_WAYS=all` tries every way (`make faults`); without it two of them stand for the others, one boot each.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from modelctl.store import worker_process
from support.started import RECYCLE, WAYS, Started, words
from support.upstream import Upstream
from support.waiting import wait_until

pytestmark = pytest.mark.boots
TRIED = tuple(WAYS) if os.environ.get("START_WAYS") == "all" else ("gunicorn", "uvicorn")


@pytest.fixture(params=TRIED)
def started(request: pytest.FixtureRequest, tmp_path: Path, upstream: Upstream) -> Iterator[Started]:
    made = Started(tmp_path, upstream, WAYS[request.param])
    try:
        made.ready()
        yield made
    finally:
        made.stop()


def test_one_day(started: Started, capsys: pytest.CaptureFixture[str]) -> None:
    """One boot each, so one test: what follows needs what comes before to be in order again."""
    for step in (ids, switches, hangs, recycled, dies, ends):
        step(started)
        with capsys.disabled():
            print(f" {step.__name__}", end="", flush=True)


def ids(started: Started) -> None:
    """Each worker has an id and a process of its own."""
    rows = started.ready()
    assert len({row.id for row in rows}) == len({row.pid for row in rows}) == started.way.workers
    assert all(worker_process.runs(row.pid, row.born) for row in rows)


def switches(started: Started) -> None:
    """A switch reaches every worker."""
    for target in ("beta", "alpha"):
        started.point(target)
        started.ready()
        assert said(started) == {words(target)}


def hangs(started: Started) -> None:
    """A worker that hangs is named, the others follow, and it comes back, or is replaced, on what was switched."""
    row = started.ready()[0]
    os.kill(row.pid, signal.SIGSTOP)
    try:
        started.point("beta")
        named = wait_until(lambda: started.error_of(row) or started.gone(row), "it is named, or its server ends it", 60)
        assert named is True or str(named).startswith("silent for 1")
        version = started.store.head().version
        assert all(each.acked(version) for each in started.rows() if each.id != row.id)
    finally:
        if not started.gone(row):
            os.kill(row.pid, signal.SIGCONT)
    started.ready()
    assert said(started) == {words("beta")}


def recycled(started: Started) -> None:
    """A worker that is replaced by plan leaves nothing behind, and its successor has an id of its own."""
    if RECYCLE not in started.way.options:
        return
    before = {row.id for row in started.ready()}

    def all_others() -> bool:
        started.says()
        return bool(started.settled()) and not before & {row.id for row in started.rows()}

    wait_until(all_others, f"each was replaced: {before} and {started.rows()}", 240)


def dies(started: Started) -> None:
    """A worker that dies is gone at once, and another follows, or the whole server ends."""
    row = started.ready()[0]
    os.kill(row.pid, signal.SIGKILL)
    wait_until(lambda: started.gone(row), "its row counts no more", 5)
    if not started.way.replaces:
        wait_until(lambda: not started.process.alive and not started.rows(), "all ends with it", 60)
        return
    assert row.id not in {each.id for each in started.ready()}
    started.point("gamma")
    started.ready()
    assert said(started) == {words("gamma")}


def ends(started: Started) -> None:
    """In good order each worker takes its row along."""
    if started.process.alive:
        started.process.send(signal.SIGTERM)
    wait_until(lambda: not started.process.alive, "it ends", 60)
    assert started.rows() == []


def said(started: Started) -> set[str]:
    """What twelve requests were answered, each on a connection of its own."""
    return {started.says() for _ in range(12)} - {""}
