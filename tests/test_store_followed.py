"""A worker whose store is replaced: what it follows, and what it says of itself."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from modelctl.desired import DesiredState, Route, deployment
from modelctl.hook import report as hook_report
from modelctl.hook.from_store import EMPTIED, StoreSource
from modelctl.hook.report import Report, StoreReporter
from modelctl.selection import Selection, Worker
from modelctl.store import Store, open_store, process
from support.waiting import wait_until

BOTH = [deployment(name, {"model": f"openai/{name}"}, {}) for name in "ab"]
STATE = DesiredState({each.id: each for each in BOTH}, {"active": Route("active", "a")})


class Quiet:
    def say(self, report: Report) -> None: ...


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def store(folder: Path) -> Store:
    store = open_store(str(folder))
    store.commit(0, desired=STATE)
    return store


@pytest.fixture
def source(store: Store, folder: Path) -> StoreSource:
    return StoreSource(lambda: open_store(str(folder), patience=0.02))


def point(store: Store, until: float | None = None) -> None:
    one = Selection("b", "a", "ada", time.time(), until=until)
    store.commit(store.head().version, selections={"active": (one,)})


def replaced(folder: Path) -> Store:
    shutil.rmtree(folder)
    return open_store(str(folder))


def test_a_time_limit_ends_over_an_empty_store(source: StoreSource, store: Store, folder: Path) -> None:
    point(store, until=time.time() + 0.5)
    booted = source.boot()
    assert booted is not None
    assert booted.aliases == {"active": "b"}
    replaced(folder)
    wait_until(source.due, "the limit is over")
    now = source.boot()
    assert now is not None
    assert now.aliases == {"active": "a"}
    assert not source.due()
    assert (source.trouble, source.version) == (EMPTIED, 0)


def test_an_empty_store_is_said_once(source: StoreSource, folder: Path) -> None:
    source.boot()
    replaced(folder)
    assert source.look()
    assert source.boot() is not None
    assert [source.look(), source.due()] == [False, False]


def test_what_is_published_to_the_empty_store_is_followed(source: StoreSource, folder: Path) -> None:
    source.boot()
    new = replaced(folder)
    source.look()
    source.boot()
    point(new)
    new.commit(new.head().version, desired=STATE)
    assert source.due()
    live = source.boot()
    assert live is not None
    assert live.aliases == {"active": "b"}
    assert (source.trouble, source.version) == (None, 2)


def test_an_equal_head_of_another_store_is_news(source: StoreSource, folder: Path) -> None:
    """Else the worker would never say to the new store that it runs it."""
    source.boot()
    replaced(folder).commit(0, desired=STATE)
    assert source.look()
    assert source.boot() is not None
    assert not source.look()


@pytest.fixture
def reporter(folder: Path, store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[StoreReporter]:
    monkeypatch.setattr(hook_report, "HEARTBEAT", 0.02)
    reporter = StoreReporter(lambda: open_store(str(folder)), Quiet())
    yield reporter
    reporter._goodbye()


def only(store: Store) -> Worker | None:
    rows = store.workers()
    return rows[0] if rows else None


def test_an_old_report_acks_nothing_in_a_new_store(reporter: StoreReporter, store: Store, folder: Path) -> None:
    reporter.say(Report(50, "r", None, {"active": "a"}, (), ()))
    wait_until(lambda: (one := only(store)) is not None and one.acked(50), "it acks what it was said for")
    new = replaced(folder)
    wait_until(lambda: only(new) is not None, "it speaks to the new store")
    one = only(new)
    assert one is not None
    assert not one.acked(1)
    reporter.say(Report(1, "r", None, {"active": "a"}, (), ()))
    wait_until(lambda: (one := only(new)) is not None and one.acked(1), "what is said of the new store counts there")


def test_a_worker_says_which_process_it_is(reporter: StoreReporter, store: Store) -> None:
    reporter.say(Report(1, "r", None, {}, (), ()))
    wait_until(lambda: only(store) is not None, "it speaks")
    one = only(store)
    assert one is not None
    assert one.id.startswith(f"{one.host}:{one.pid}:")
    assert (one.namespace, one.born) == (process.namespace(), process.born(one.pid))
    other = StoreReporter(lambda: store, Quiet())
    assert other._id != one.id
    other._ended.set()
