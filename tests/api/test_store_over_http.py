"""A worker's store over HTTP, against a control plane that answers on a real socket."""

from __future__ import annotations

import asyncio
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from modelctl.api import head_feed
from modelctl.api.report_batch import ReportBatch
from modelctl.errors import StoreDown
from modelctl.hook.events import HeadSeen, StoreAway
from modelctl.hook.hook_state import Standing
from modelctl.hook.store_reader import StoreReader
from modelctl.state.cooldown import RouterHealth
from modelctl.state.selection import Worker
from modelctl.store import Store
from modelctl.store.control_client import ControlAddress, ControlClient
from modelctl.store.followed_store import FollowedStore
from modelctl.store.http_origin import HttpOrigin
from modelctl.store.http_usage import HttpUsage
from modelctl.store.mirror import Mirror
from modelctl.store.usage_outbox import OutboxedUsage, UsageOutbox
from modelctl.store.usage_store import GRAINS, Row
from modelctl.usage.figures import Figures, Series
from support.api_server import Plane, write_catalog
from support.fleet_over_http import PlayedFleet
from support.waiting import run_async, wait_until

Opening = Callable[..., FollowedStore]


@pytest.fixture
def plane(tmp_path: Path) -> Iterator[Plane]:
    made = Plane(write_catalog(tmp_path))
    yield made
    made.stop()


@pytest.fixture
def opened(plane: Plane, tmp_path: Path) -> Iterator[Opening]:
    """A worker's store; `disk` names its folder."""
    made: list[FollowedStore] = []

    def opening(disk: str | None = "worker", url: str | None = None, token: str | None = None) -> FollowedStore:
        client = ControlClient(ControlAddress(url or plane.url, token))
        made.append(FollowedStore(HttpOrigin(client), Mirror(tmp_path / disk) if disk else None))
        return made[-1]

    yield opening
    for each in made:
        each.end()


def test_what_is_published_is_there_with_the_first_answer(plane: Plane, opened: Opening) -> None:
    store = opened()
    revision = plane.store.head().revision
    assert revision is not None
    assert (store.head(), store.id) == (plane.store.head(), plane.store.id)
    ids = store.manifest(revision)["deployments"]
    assert store.deployments(ids) == plane.store.deployments(ids)


def test_a_selection_and_an_edit_come_by_themselves(plane: Plane, opened: Opening) -> None:
    store = opened()
    reader = StoreReader(lambda: store)
    assert isinstance(reader.look(), HeadSeen)
    assert not reader.due()
    plane.select("slow")
    wait_until(reader.due, "the selection is seen")
    assert store.head() == plane.store.head()
    (plane.catalog / "routes.yaml").write_text("active: {target: tiny}\n")
    plane.service.publish()
    wait_until(lambda: store.head() == plane.store.head(), "the edit is seen")
    assert store.holds(plane.store.head().revision or "")


def test_a_worker_starts_on_its_disk_while_the_control_plane_is_away(plane: Plane, opened: Opening) -> None:
    head = opened().head()
    wait_until(lambda: Mirror(plane.catalog.parent / "worker").last() is not None, "it is kept")
    again = opened(url="http://127.0.0.1:9")
    state = StoreReader(lambda: again).boot()
    assert state.pending is not None
    assert (state.pending.name, state.head, state.store) == (head.revision, head, plane.store.id)
    met_later = StoreReader(lambda: again)  # LiteLLM had begun to boot on its own config file
    first = met_later.look()
    assert isinstance(first, HeadSeen)
    assert (first.head, first.store) == (head, plane.store.id)
    assert isinstance(met_later.look(), StoreAway)


def test_without_a_disk_and_without_a_control_plane_there_is_nothing(opened: Opening) -> None:
    with pytest.raises(StoreDown, match=r"http://127\.0\.0\.1:9 cannot be reached"):
        opened(None, "http://127.0.0.1:9").head()


def test_a_refusal_that_the_disk_knows_of_decides_the_next_start(plane: Plane, opened: Opening) -> None:
    store = opened()
    proven = store.head().revision
    worker = Worker("w", 1, "h", version=store.head().version, revision=proven, store=store.id)
    store.report(worker)
    (plane.catalog / "routes.yaml").write_text("active: {target: tiny}\n")
    plane.service.publish()
    wait_until(lambda: store.head() == plane.store.head(), "the edit is seen")
    store.report(replace(worker, version=store.head().version, error="refused"))
    assert plane.store.proven() == proven
    for url in (plane.url, "http://127.0.0.1:9"):
        state = StoreReader(lambda url=url: opened(url=url)).boot()  # type: ignore[misc]
        assert state.good is not None
        assert (state.good.name, state.standing) == (proven, Standing.BOOTED_ON_PROVEN)


def test_a_report_is_stored_with_the_time_of_the_control_plane(plane: Plane, opened: Opening) -> None:
    store = opened()
    store.report(Worker("a/b:1", 1, "h", version=7, store=store.id, at=1000.0, started=900.0, unset=("KEY",)))
    (row,) = plane.store.workers()
    assert (row.id, row.version, row.unset) == ("a/b:1", 7, ("KEY",))
    assert row.at - row.started == pytest.approx(100)
    assert row.at == pytest.approx(time.time(), abs=60)
    store.forget("a/b:1")
    assert plane.store.workers() == []


def test_usage_that_is_sent_twice_counts_once(plane: Plane) -> None:
    usage = HttpUsage(ControlClient(ControlAddress(plane.url)))
    figures = Figures()
    figures.add("requests", 3)
    figures.took("request", 0.25)
    now = int(time.time())
    series = [Series("active", f"m{number}", "d", "p") for number in range(450)]
    rows = [Row(grain, now // grain * grain, each, figures) for grain in GRAINS for each in series]
    for _ in range(2):
        usage.write("w", rows, "map")
    found = plane.client.get("/usage?group_by=worker").json()["rows"]
    assert [(row["worker"], row["requests"]) for row in found] == [("w", 1350)]
    assert found[0]["latency"]["p50"] == pytest.approx(0.25, rel=0.02)


def test_what_history_asks_of_workers_comes_with_the_head(plane: Plane, opened: Opening) -> None:
    store = opened()
    plane.select("slow")
    plane.client.post("/health/clear", json={"model": "slow"})
    wait_until(lambda: store.head() == plane.store.head(), "the head is seen")
    assert [(entry.action, entry.after, entry.version) for entry in store.history()] == [("clear", "slow", 3)]
    health = RouterHealth(cleared={3: 2})
    store.report(Worker("w", 1, "h", version=3, store=store.id, health=health))
    (row,) = plane.store.workers()
    assert row.health is not None
    assert row.health.cleared == {3: 2}


def rows_of(requests: int, model: str = "m") -> list[Row]:
    figures, now = Figures(), int(time.time())
    figures.add("requests", requests)
    figures.took("request", 0.25)
    return [Row(grain, now // grain * grain, Series("active", model, "d", "p"), figures) for grain in GRAINS]


def usage_of(plane: Plane) -> dict[str, int]:
    rows = plane.client.get("/usage?group_by=worker").json()["rows"]
    return {row["worker"]: row["requests"] for row in rows}


def test_what_was_counted_while_the_control_plane_was_away_is_sent_by_the_next_worker(
    plane: Plane, tmp_path: Path
) -> None:
    nobody, somebody = (HttpUsage(ControlClient(ControlAddress(url))) for url in ("http://127.0.0.1:9", plane.url))
    away, left = OutboxedUsage(nobody, UsageOutbox(tmp_path / "unsent")), UsageOutbox(tmp_path / "unsent")
    dead = OutboxedUsage(nobody, left)
    for usage, worker in ((away, "lives"), (dead, "dies")):
        for requests in (1, 4):  # the later word counts
            with pytest.raises(StoreDown):
                usage.write(worker, rows_of(requests), "map")
    assert left._lock is not None
    os.close(left._lock)  # as the kernel does it when a process ends
    again = OutboxedUsage(somebody, UsageOutbox(tmp_path / "unsent"))
    assert again.behind
    again.write("again", [])
    assert usage_of(plane) == {"dies": 4}
    assert not again.behind
    away._taker = somebody
    away.write("lives", rows_of(5))
    assert usage_of(plane) == {"dies": 4, "lives": 5}
    assert list((tmp_path / "unsent").iterdir()) == []


def test_who_is_cut_off_keeps_on_disk_before_it_tries_to_send(plane: Plane, tmp_path: Path) -> None:
    """A host that hears nothing waits seconds for each answer: what dies meanwhile must not be lost."""
    outbox, kept = UsageOutbox(tmp_path / "unsent"), list[int]()

    class CutOff(HttpUsage):
        def write(self, worker: str, rows: Sequence[Row], prices: str | None = None) -> None:
            found = [each.written() for each in (outbox._unsent,) if each]
            kept.append(sum(int(row.figures["requests"]) for some in found for _, _, rows in some for row in rows))
            raise StoreDown("nobody answers")

    usage = OutboxedUsage(CutOff(ControlClient(ControlAddress(plane.url))), outbox)
    for requests in (1, 4):
        with pytest.raises(StoreDown):
            usage.write("w", rows_of(requests))
    assert kept == [0, 4 * len(GRAINS)]


def test_a_fleet_acks_each_selection_and_the_head_is_read_once_for_all(
    plane: Plane, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[int] = []
    read = head_feed._seen
    monkeypatch.setattr(head_feed, "_seen", lambda store: reads.append(1) or read(store))
    with PlayedFleet(plane.url, 40) as fleet:
        started = len(reads)
        for model in ("slow", "fast", "slow"):
            fleet.acked(plane.select(model).json()["version"])
        assert len(reads) - started == 3
    assert {worker.version for worker in plane.store.workers()} == {plane.store.head().version}
    assert len(plane.store.workers()) == 40


class SlowStore:
    """Writes one batch at a time, as a test lets it."""

    def __init__(self) -> None:
        self.written: list[list[str]] = []
        self.begun, self.may = threading.Event(), threading.Event()

    def report(self, *workers: Worker) -> None:
        self.begun.set()
        self.may.wait(10)
        self.written.append([worker.id for worker in workers])


def test_reports_that_come_during_a_write_go_with_the_next() -> None:
    store = SlowStore()
    batch = ReportBatch(cast(Store, store))

    async def reported() -> None:
        first = asyncio.ensure_future(batch.add(Worker("a", 1, "h")))
        await asyncio.to_thread(store.begun.wait, 10)
        rest = [asyncio.ensure_future(batch.add(Worker(name, 1, "h"))) for name in "bcb"]
        await asyncio.sleep(0)
        store.may.set()
        await asyncio.gather(first, *rest)

    run_async(reported())
    assert store.written == [["a"], ["b", "c"]]


def test_workers_that_have_been_gone_for_an_hour_are_forgotten(plane: Plane) -> None:
    now = time.time()
    plane.store.report(Worker("old", 1, "h", at=now - 3700), Worker("new", 1, "h", at=now - 60))
    HttpUsage(ControlClient(ControlAddress(plane.url))).write("w", rows_of(1))
    assert [worker.id for worker in plane.store.workers()] == ["new"]


def test_another_store_behind_the_control_plane_is_followed(plane: Plane, opened: Opening) -> None:
    store = opened()
    before = store.id
    plane.select("slow")
    wait_until(lambda: store.head().version == 2, "the selection is seen")
    shutil.rmtree(plane.settings.state)
    wait_until(lambda: store.id != before, "the new store is seen")
    wait_until(lambda: store.head() == plane.store.head(), "its head is seen")
    assert store.head().selections.keys() == {"active"}
