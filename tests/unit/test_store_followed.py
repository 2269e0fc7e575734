"""A worker whose store is replaced: what it follows, and what it says of itself."""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from modelctl.hook import reporter as hook_report
from modelctl.hook.events import Fetch, Fetched, HeadSeen, StoreAway
from modelctl.hook.hook_state import Standing
from modelctl.hook.reporter import StoreReporter
from modelctl.hook.revisions import StoredRevision
from modelctl.hook.stepwise import to_end
from modelctl.hook.store_reader import OFTEN, SELDOM, StoreReader
from modelctl.hook.worker_report import WorkerReport
from modelctl.state.desired import DesiredState, Route, deployment
from modelctl.state.selection import Head, Selection, Worker
from modelctl.store import Store, open_store, worker_process
from modelctl.store.sqlite import SqliteStore
from support.waiting import run_async, wait_until, within

BOTH = [deployment(name, {"model": f"openai/{name}"}, {}) for name in "ab"]
STATE = DesiredState({each.id: each for each in BOTH}, {"active": Route("active", "a")})


class Quiet:
    def say(self, report: WorkerReport) -> None: ...


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def store(folder: Path) -> Store:
    store = open_store(str(folder))
    store.commit(0, desired=STATE)
    return store


@pytest.fixture
def reader(store: Store, folder: Path) -> StoreReader:
    return StoreReader(lambda: open_store(str(folder), patience=0.02))


def point(store: Store, until: float | None = None) -> None:
    one = Selection("b", "a", "ada", time.time(), until=until)
    store.commit(store.head().version, selections={"active": (one,)})


def replaced(folder: Path) -> Store:
    shutil.rmtree(folder)
    return open_store(str(folder))


def seen(reader: StoreReader) -> HeadSeen:
    event = reader.look()
    assert isinstance(event, HeadSeen)
    return event


def test_a_start_reads_the_head_and_its_revision(reader: StoreReader, store: Store) -> None:
    point(store)
    state = reader.boot()
    assert isinstance(state.pending, StoredRevision)
    assert state.pending.desired.deployments == STATE.deployments
    assert (state.head, state.store, state.version) == (store.head(), store.id, 2)
    assert state.pending.config(state.head.selections, time.time()).aliases == {"active": "b"}


def test_the_bell_tells_of_a_new_head_once(reader: StoreReader, store: Store) -> None:
    assert seen(reader) == HeadSeen(store.head(), store.id)
    assert not reader.due()
    point(store)
    assert reader.due()
    assert seen(reader).head == store.head()
    assert not reader.due()


def test_a_commit_wakes_the_loop(reader: StoreReader, store: Store, folder: Path) -> None:
    """Also one in a store that has been put in the place of the first."""

    async def woken() -> float:
        rung = asyncio.Event()
        reader.listen(rung.set)
        seen(reader)
        for one in (store, None):
            point(one or refilled(reader, folder))
            await within(rung.wait(), 60)
            assert reader.due()
            seen(reader)
            rung.clear()
        return reader.pause()

    assert run_async(woken()) == SELDOM


def refilled(reader: StoreReader, folder: Path) -> Store:
    store = replaced(folder)
    store.commit(0, desired=STATE)
    seen(reader)  # as the follower's full look now and then
    return store


def test_a_bell_that_wakes_nobody_is_asked_often(
    reader: StoreReader, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file system that tells nobody of writes: what is missed three times in a row is not waited for."""
    silent, writing = os.pipe()
    monkeypatch.setattr(SqliteStore, "wakes", lambda _: silent)

    async def pauses() -> list[float]:
        reader.listen(lambda: None)
        seen(reader)
        found = [reader.pause()]
        for _ in range(3):
            point(store)
            assert reader.due()
            seen(reader)
            found.append(reader.pause())
        return found

    try:
        assert run_async(pauses()) == [SELDOM, SELDOM, SELDOM, OFTEN]
    finally:
        os.close(silent)
        os.close(writing)


def test_another_store_at_the_same_place_is_followed(reader: StoreReader, folder: Path) -> None:
    first = seen(reader)
    new = replaced(folder)
    assert seen(reader) == HeadSeen(Head(), new.id)
    new.commit(0, desired=STATE)
    assert reader.due()
    again = seen(reader)
    assert (again.head, again.store == first.store) == (first.head, False)
    fetched = to_end(reader.fetch(Fetch(again.head, again.store)))
    assert isinstance(fetched, Fetched)
    assert fetched.revision.deployments == STATE.deployments


def test_a_start_after_a_refusal_is_on_the_proven_revision(reader: StoreReader, store: Store) -> None:
    proven, newest = store.head().revision, replace(STATE, routes={})
    worker = Worker("w", 1, "h", version=1, revision=proven, store=store.id)
    store.report(worker)
    store.commit(1, desired=newest)
    store.report(replace(worker, version=2, error="refused"))
    state = reader.boot()
    assert state.good is not None
    assert (state.good.name, state.pending, state.standing) == (proven, None, Standing.BOOTED_ON_PROVEN)


def test_what_only_a_boot_brings_is_booted_on(reader: StoreReader, store: Store) -> None:
    """A refused edit that waits for a restart: else no restart would ever bring it in."""
    proven = store.head().revision
    worker = Worker("w", 1, "h", version=1, revision=proven, store=store.id)
    store.report(worker)
    store.commit(1, desired=replace(STATE, settings={"litellm_settings": {"custom_provider_map": []}}))
    store.report(replace(worker, version=2, error="refused"))
    state = reader.boot()
    assert state.pending is not None
    assert state.good is not None
    assert (state.pending.name, state.good.name) == (store.head().revision, proven)


def test_a_store_that_cannot_be_opened_is_away(folder: Path) -> None:
    folder.write_text("no folder")
    reader = StoreReader(lambda: open_store(str(folder), patience=0.02))
    assert isinstance(reader.look(), StoreAway)
    assert (reader.boot().pending, reader.due()) == (None, False)


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
    reporter.say(WorkerReport(50, "r", None, {"active": "a"}, (), ()))
    wait_until(lambda: (one := only(store)) is not None and one.acked(50), "it acks what it was said for")
    new = replaced(folder)
    wait_until(lambda: only(new) is not None, "it speaks to the new store")
    one = only(new)
    assert one is not None
    assert not one.acked(1)
    reporter.say(WorkerReport(1, "r", None, {"active": "a"}, (), ()))
    wait_until(lambda: (one := only(new)) is not None and one.acked(1), "what is said of the new store counts there")


def test_a_worker_says_which_process_it_is(reporter: StoreReporter, store: Store) -> None:
    reporter.say(WorkerReport(1, "r", None, {}, (), ()))
    wait_until(lambda: only(store) is not None, "it speaks")
    one = only(store)
    assert one is not None
    assert one.id.startswith(f"{one.host}:{one.pid}:")
    assert (one.namespace, one.born) == (worker_process.namespace(), worker_process.born(one.pid))
    other = StoreReporter(lambda: store, Quiet())
    assert other.id != one.id
    other._ended.set()
