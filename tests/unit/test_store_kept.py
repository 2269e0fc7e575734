"""A Redis that loses what it acknowledged gets it back from the control planes' own disks."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from modelctl.errors import Stale, StoreDown
from modelctl.service import SelectRequest
from modelctl.state.desired import DesiredState, Route, deployment
from modelctl.state.selection import Head, HistoryEntry, Resting, Selection
from modelctl.store import Store, desired_state, open_store
from support.api_server import make_service, write_catalog
from support.redis_server import RedisServer, started
from support.waiting import wait_until

BOTH = [deployment(name, {"model": f"openai/{name}"}, {}) for name in "ab"]
STATE = DesiredState({each.id: each for each in BOTH}, {"active": Route("active", "a")})
CHOSEN = Selection("b", "a", "ada", 1.0)
RESTS = (Resting(1.0, "side", CHOSEN),)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    server = started(tmp_path / "redis")
    yield server
    server.stop()


def restarted(server: RedisServer) -> None:
    server.kill()
    server.start()


def plane(server: RedisServer, folder: Path) -> Store:
    return open_store(server.url, copies=folder)


def filled(server: RedisServer, folder: Path) -> Store:
    store = plane(server, folder)
    store.commit(0, desired=STATE, entries=[HistoryEntry("publish", 1.0, "git")], resting=RESTS)
    store.commit(1, selections={"active": (CHOSEN,)}, entries=[HistoryEntry("select", 2.0, "ada", "active")])
    return store


@pytest.mark.parametrize("open_before", [True, False], ids=["it was open", "opened anew"])
def test_what_was_acknowledged_is_there_again(server: RedisServer, tmp_path: Path, open_before: bool) -> None:
    store = filled(server, tmp_path / "a")
    before, id_, history = store.head(), store.id, store.history()
    restarted(server)
    if open_before:
        assert store.renew() is None
    else:
        store = plane(server, tmp_path / "a")
    other = open_store(server.url)
    for each in (store, other):
        assert (each.head(), each.id, each.history(), each.resting()) == (before, id_, history, RESTS)
        assert desired_state(each, before.revision or "") == STATE
    assert store.commit(2, selections={}).version == 3


def test_a_commit_into_the_emptied_one_is_decided_again(server: RedisServer, tmp_path: Path) -> None:
    store = filled(server, tmp_path / "a")
    restarted(server)
    with pytest.raises(Stale, match="emptied or replaced"):
        store.commit(2, selections={})
    store.renew()
    assert store.commit(2, selections={}).version == 3


def test_whoever_was_quicker_with_an_empty_store_is_no_harm(server: RedisServer, tmp_path: Path) -> None:
    """A worker that opens it first makes a new store, in which nothing stands."""
    store = filled(server, tmp_path / "a")
    restarted(server)
    worker = open_store(server.url)
    assert (worker.head().version, worker.id != store.id) == (0, True)
    store.renew()
    wait_until(lambda: worker.bell() and worker.moved(), "the worker sees that another store is there")
    assert open_store(server.url).head() == store.head()


def test_of_two_control_planes_the_newest_head_counts(server: RedisServer, tmp_path: Path) -> None:
    one = filled(server, tmp_path / "a")
    two = plane(server, tmp_path / "b")
    assert two.head().version == 2
    newest = two.commit(2, selections={}, entries=[HistoryEntry("rollback", 3.0, "bob", "active")])
    restarted(server)  # before the first has seen that
    one.renew()
    assert one.head().version == 2
    two.renew()
    assert two.head() == newest
    assert one.head() == newest
    assert [entry.action for entry in one.history()] == ["rollback", "select", "publish"]
    restarted(server)
    one.renew()  # it has taken a copy of what the other wrote
    assert one.head() == newest


def test_both_at_once_put_back_one_state(server: RedisServer, tmp_path: Path) -> None:
    one = filled(server, tmp_path / "a")
    two = plane(server, tmp_path / "b")
    head = two.head()
    restarted(server)
    assert [each.renew() for each in (one, two)] == [None, None]
    assert [each.head() for each in (one, two)] == [head, head]
    assert len(one.history()) == 2


def test_a_store_with_a_head_of_its_own_counts(server: RedisServer, tmp_path: Path) -> None:
    store = filled(server, tmp_path / "a")
    restarted(server)
    other = open_store(server.url)
    theirs = other.commit(0, selections={"side": (CHOSEN,)})
    last = store.renew()
    assert last is not None
    assert (last.version, store.head(), store.id) == (2, theirs, other.id)
    restarted(server)
    assert plane(server, tmp_path / "a").head() == theirs


def test_a_server_that_came_back_with_less(server: RedisServer, tmp_path: Path) -> None:
    """As after a failover to a replica that lagged, or from a snapshot of before."""
    store = plane(server, tmp_path / "a")
    store.commit(0, desired=STATE)
    server.call("SAVE")
    head = store.commit(1, selections={"active": (CHOSEN,)}, entries=[HistoryEntry("select", 2.0, "ada", "active")])
    restarted(server)
    assert open_store(server.url).head().version == 1
    assert store.renew() is None
    assert open_store(server.url).head() == head


def test_a_disk_that_takes_no_copy_costs_no_selection(
    server: RedisServer, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = filled(server, tmp_path / "a")

    def full(*_: object, **__: object) -> None:
        raise StoreDown("the disk is full")

    monkeypatch.setattr(store._copy, "take", full)  # type: ignore[attr-defined]
    with caplog.at_level(logging.ERROR):
        assert store.commit(2, selections={}).version == 3
        assert store.commit(3, selections={}).version == 4
    assert [record.getMessage() for record in caplog.records] == [
        "what is acknowledged is not copied to this disk: the disk is full"
    ]
    monkeypatch.undo()
    restarted(server)
    store.renew()
    assert store.head().version == 2


def test_a_service_goes_on_with_what_was_selected(server: RedisServer, tmp_path: Path) -> None:
    catalog = write_catalog(tmp_path)
    service = make_service(catalog, plane(server, tmp_path / "a"))
    service.publish()
    service.select(SelectRequest("slow"))
    restarted(server)
    service._snapshot = None  # a second later
    assert service.snapshot().targets["active"] == "slow"
    assert service.select(SelectRequest("fast")).head.version == 3
    assert open_store(server.url).head() == service.store.head()


def test_while_it_is_away_it_says_so(server: RedisServer, tmp_path: Path) -> None:
    store = filled(server, tmp_path / "a")
    server.kill()
    with pytest.raises(StoreDown, match=rf"the Redis at redis://{server.address} cannot be reached"):
        store.head()
    server.start()
    store.renew()
    assert store.head().version == 2


def chosen(target: str, at: float) -> Selection:
    return Selection(target, "a", "ada", at)


def choose(store: Store, target: str, at: float, route: str = "active") -> Head:
    head = store.head()
    stack = (*head.selections.get(route, ()), chosen(target, at))
    entry = HistoryEntry("select", at, "ada", route, after=target)
    return store.commit(head.version, selections={**head.selections, route: stack}, entries=[entry])


@pytest.mark.parametrize("theirs", ["side", "active"])
def test_what_one_acknowledged_and_the_other_never_saw_is_made_again(
    server: RedisServer, tmp_path: Path, theirs: str
) -> None:
    """It is put back by the one that knew less, which then goes on from there."""
    one = filled(server, tmp_path / "a")
    two = plane(server, tmp_path / "b")
    unseen = choose(two, "lost", 5.0)
    restarted(server)
    one.renew()
    assert one.head().version == 2
    choose(one, "newer", 6.0, theirs)
    two.renew()
    after = two.head()
    assert after.version == unseen.version + 1
    newest = {route: [each.target for each in stack] for route, stack in after.selections.items()}
    expected = {
        "side": {"active": ["b", "lost"], "side": ["newer"]},
        "active": {"active": ["b", "lost", "newer"]},
    }
    assert newest == expected[theirs]
    assert one.head() == after
    last = one.history(limit=2)
    assert [(entry.action, entry.after) for entry in last] == [("return", "lost"), ("select", "newer")]
    restarted(server)
    for each in (two, one):
        each.renew()
        assert each.head() == after
    assert choose(one, "further", 7.0).version == after.version + 1
    assert two.head() == one.head()


def test_a_publish_that_was_lost_is_made_again(server: RedisServer, tmp_path: Path) -> None:
    one = filled(server, tmp_path / "a")
    two = plane(server, tmp_path / "b")
    new = DesiredState({BOTH[0].id: BOTH[0]})
    two.commit(two.head().version, desired=new, entries=[HistoryEntry("publish", 5.0, "git")])
    restarted(server)
    one.renew()
    choose(one, "newer", 6.0)
    two.renew()
    assert two.head().revision == new.revision
    assert desired_state(one, one.head().revision or "") == new
    assert [each.target for each in one.head().selections["active"]] == ["b", "newer"]


def test_a_rollback_that_was_lost_is_made_again(server: RedisServer, tmp_path: Path) -> None:
    one = filled(server, tmp_path / "a")
    two = plane(server, tmp_path / "b")
    two.commit(two.head().version, selections={}, entries=[HistoryEntry("rollback", 5.0, "ada", "active")])
    restarted(server)
    one.renew()
    choose(one, "newer", 6.0, "side")
    two.renew()
    assert two.head().selections.keys() == {"side"}


def test_a_version_that_is_counted_twice_is_no_base_to_commit_on(server: RedisServer, tmp_path: Path) -> None:
    """Who decided on a version that was lost must not write over another commit of the same number."""
    one = filled(server, tmp_path / "a")
    two = plane(server, tmp_path / "b")
    unseen = choose(two, "lost", 5.0)
    restarted(server)
    one.renew()
    assert choose(one, "newer", 6.0).version == unseen.version
    with pytest.raises(Stale):
        two.commit(unseen.version, selections={}, entries=[HistoryEntry("rollback", 7.0, "ada", "active")])
    assert [each.target for each in two.head().selections["active"]] == ["b", "lost", "newer"]
