"""A worker's store, followed in a Redis on another host: read from memory, and kept on the worker's disk."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from modelctl.errors import StoreDown
from modelctl.hook.events import HeadSeen, StoreAway
from modelctl.hook.hook_state import Standing
from modelctl.hook.store_reader import StoreReader
from modelctl.state.cooldown import CLEAR
from modelctl.state.desired import DesiredState, Route, deployment
from modelctl.state.selection import HistoryEntry, Selection, Worker
from modelctl.store import Store, open_store
from modelctl.store.followed_store import FollowedStore
from modelctl.store.mirror import Mirror
from modelctl.store.redis_address import read_address
from modelctl.store.redis_origin import RedisOrigin
from support.redis_server import RedisServer, all_keys, started
from support.waiting import wait_until

BOTH = [deployment(name, {"model": f"openai/{name}"}, {}) for name in "ab"]
STATE = DesiredState({each.id: each for each in BOTH}, {"active": Route("active", "a")})
CHOSEN = Selection("b", "a", "ada", 1.0)
Opening = Callable[[], FollowedStore]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    server = started(tmp_path / "redis")
    yield server
    server.stop()


@pytest.fixture
def plane(server: RedisServer, tmp_path: Path) -> Store:
    """What a control plane has open."""
    store = open_store(server.url, copies=tmp_path / "copies")
    store.commit(0, desired=STATE)
    return store


@pytest.fixture
def opened(server: RedisServer, tmp_path: Path) -> Iterator[Opening]:
    made: list[FollowedStore] = []

    def opening() -> FollowedStore:
        made.append(FollowedStore(RedisOrigin(read_address(server.url)), Mirror(tmp_path / "worker")))
        return made[-1]

    yield opening
    for each in made:
        each.end()


def select(plane: Store, target: str = "b") -> None:
    plane.commit(plane.head().version, selections={"active": (replace(CHOSEN, target=target),)})


def test_what_is_published_is_there_with_the_first_answer(plane: Store, opened: Opening) -> None:
    store, revision = opened(), STATE.revision
    assert (store.head(), store.id, store.away()) == (plane.head(), plane.id, None)
    assert store.deployments(store.manifest(revision)["deployments"]) == STATE.deployments


def test_a_selection_and_an_edit_come_by_themselves(plane: Store, opened: Opening) -> None:
    store = opened()
    reader = StoreReader(lambda: store)
    assert isinstance(reader.look(), HeadSeen)
    assert not reader.due()
    select(plane)
    wait_until(reader.due, "the selection is seen", every=0.001)
    assert store.head() == plane.head()
    new = replace(STATE, routes={})
    plane.commit(2, desired=new)
    wait_until(lambda: store.head().revision == new.revision, "the edit is seen")
    assert store.holds(new.revision)


def test_an_ack_is_seen_by_the_control_plane(plane: Store, opened: Opening) -> None:
    store = opened()
    assert plane.workers() == []
    before = plane.bell()
    store.report(Worker("w1", 1, "elsewhere", 1, STATE.revision, at=1.0, store=store.id))
    wait_until(lambda: plane.bell()[1] != before[1], "it rings")
    (one,) = plane.workers()
    assert (one.id, one.acked(1)) == ("w1", True)
    assert one.at == pytest.approx(time.time(), abs=60)  # by this host's clock, whatever the worker's says
    store.forget("w1")
    assert plane.workers() == []


def test_what_history_asks_of_workers_is_told(plane: Store, opened: Opening) -> None:
    plane.commit(1, entries=[HistoryEntry(CLEAR, 1.0, "ada", after="a")])
    store = opened()
    assert [entry.after for entry in store.history()] == ["a"]
    for number in range(30):
        plane.commit(2 + number, entries=[HistoryEntry(CLEAR if number == 3 else "select", 2.0, "ada", after="b")])
    wait_until(lambda: store.head() == plane.head(), "it has caught up")
    assert [entry.after for entry in store.history()] == ["b", "a"]


def test_while_redis_is_away_the_worker_goes_on(plane: Store, opened: Opening, server: RedisServer) -> None:
    store = opened()
    reader = StoreReader(lambda: store)
    head = store.head()
    reader.look()
    server.kill()
    wait_until(reader.due, "it is noticed")
    event = reader.look()
    assert isinstance(event, StoreAway)
    assert f"the Redis at redis://{server.address} cannot be reached" in event.why
    assert (store.head(), store.holds(STATE.revision)) == (head, True)
    with pytest.raises(StoreDown, match="cannot be reached"):
        store.report(Worker("w1", 1, "host"))
    server.start()
    wait_until(lambda: store.away() is not None and "holds no store" in store.away(), "it says that Redis is empty")
    plane.renew()
    select(plane)
    wait_until(lambda: store.away() is None and store.head() == plane.head(), "it follows again")


def test_a_start_without_redis_is_on_what_is_on_the_disk(plane: Store, opened: Opening, server: RedisServer) -> None:
    select(plane)
    store = opened()
    head = store.head()
    store.end()
    server.kill()
    again = StoreReader(opened)
    state = again.boot()
    assert state.pending is not None
    assert (state.head, state.pending.deployments) == (head, STATE.deployments)
    assert state.pending.config(state.head.selections, time.time()).aliases == {"active": "b"}


def test_a_start_after_a_refusal_is_on_the_proven_revision(plane: Store, opened: Opening) -> None:
    worker = Worker("w", 1, "h", version=1, revision=STATE.revision, store=plane.id)
    plane.report(worker)
    plane.commit(1, desired=replace(STATE, routes={}))
    plane.report(replace(worker, version=2, error="refused"))
    state = StoreReader(opened).boot()
    assert state.good is not None
    assert (state.good.name, state.pending, state.standing) == (STATE.revision, None, Standing.BOOTED_ON_PROVEN)


def test_a_worker_makes_no_store(server: RedisServer, opened: Opening) -> None:
    store = opened()
    with pytest.raises(StoreDown, match="holds no store `default` yet"):
        store.head()
    assert all_keys(server) == []
    plane = open_store(server.url)
    plane.commit(0, desired=STATE)
    wait_until(lambda: store.away() is None, "it is seen once it is there")
    assert store.head() == plane.head()
