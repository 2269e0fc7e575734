"""The store behind Sentinel, through a failover, and in a cluster: all that it does elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from modelctl.errors import ModelctlError, StoreDown
from modelctl.state.desired import DesiredState, Route, deployment
from modelctl.state.selection import HistoryEntry, Selection, Worker
from modelctl.store import Store, desired_state, open_store, usage_elsewhere
from modelctl.store.followed_store import FollowedStore
from modelctl.store.redis_address import read_address
from modelctl.store.redis_origin import RedisOrigin
from modelctl.store.usage_store import MINUTE, Row
from modelctl.usage.figures import Figures, Series
from support.redis_server import RedisServer, all_keys, started, started_cluster, started_sentinel
from support.waiting import wait_until

BOTH = [deployment(name, {"model": f"openai/{name}"}, {}) for name in "ab"]
STATE = DesiredState({each.id: each for each in BOTH}, {"active": Route("active", "a")})
CHOSEN = {"active": (Selection("b", "a", "ada", 1.0),)}


def everything(url: str, copies: Path) -> Store:
    """What a control plane and a worker do; the control plane's store."""
    plane = open_store(url, copies=copies)
    plane.commit(0, desired=STATE, entries=[HistoryEntry("publish", 1.0, "git")])
    worker = FollowedStore(RedisOrigin(read_address(url)))
    assert worker.head() == plane.head()
    before = plane.bell()
    assert plane.workers() == []
    worker.report(Worker("w1", 1, "h", 1, STATE.revision, store=worker.id))
    wait_until(lambda: plane.bell()[1] != before[1], "the control plane hears of it")
    assert [one.id for one in plane.workers()] == ["w1"]
    head = plane.commit(1, selections=CHOSEN)
    wait_until(lambda: worker.head() == head, "the worker follows")
    assert desired_state(open_store(url), STATE.revision) == STATE
    assert len(plane.history()) == 1
    usage = usage_elsewhere(url)
    assert usage is not None
    usage.write("w1", [Row(MINUTE, 60, Series("active", "a", "d", "acme"), Figures({"requests": 2}))])
    assert [each.rows[0].figures["requests"] for each in usage.read()] == [2]
    worker.end()
    return plane


def patiently(work: Callable[[], object]) -> Callable[[], bool]:
    """Whether it can be done by now."""

    def tried() -> bool:
        try:
            work()
        except ModelctlError:
            return False
        return True

    return tried


@pytest.fixture
def behind_sentinel(tmp_path: Path) -> Iterator[tuple[RedisServer, RedisServer, RedisServer]]:
    master = started(tmp_path / "master")
    replica = started(tmp_path / "replica", "--replicaof", f"127.0.0.1 {master.port}")
    sentinel = started_sentinel(tmp_path / "sentinel", master)
    wait_until(lambda: len(sentinel.call("SENTINEL", "REPLICAS", "main")) == 1, "the replica is known", 30)
    yield master, replica, sentinel
    for each in (sentinel, replica, master):
        each.stop()


def test_sentinel_and_a_failover(behind_sentinel: tuple[RedisServer, RedisServer, RedisServer], tmp_path: Path) -> None:
    master, replica, sentinel = behind_sentinel
    plane = everything(f"redis+sentinel://{sentinel.address}/main", tmp_path / "copies")
    head = plane.head()
    wait_until(lambda: all_keys(replica) == all_keys(master), "the replica has it")
    master.kill()
    with pytest.raises(StoreDown, match=f"the Redis at redis.sentinel://{sentinel.address}/main"):
        plane.head()
    wait_until(patiently(plane.renew), "another is the primary", 60)
    assert plane.head() == head
    assert plane.commit(2, selections={}).version == 3
    wait_until(lambda: plane.bell()[0] == 3, "the bell is heard there")
    assert replica.call("ROLE")[0] == "master"


def test_sentinel_that_knows_no_such_master(
    behind_sentinel: tuple[RedisServer, RedisServer, RedisServer],
) -> None:
    with pytest.raises(StoreDown, match="has no master of that name, or no Sentinel answers"):
        open_store(f"redis+sentinel://{behind_sentinel[2].address}/other")


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[list[RedisServer]]:
    nodes = started_cluster(tmp_path / "cluster")
    yield nodes
    for each in nodes:
        each.stop()


def test_a_cluster(cluster: list[RedisServer], tmp_path: Path) -> None:
    url = f"redis+cluster://{','.join(each.address for each in cluster)}"
    everything(f"{url}?name=one", tmp_path / "copies")
    open_store(f"{url}?name=two", copies=tmp_path / "copies").commit(0, desired=STATE)
    for name in ("one", "two"):
        holders = [each for each in cluster if any(f"{{modelctl:{name}}}" in key for key in all_keys(each))]
        assert len(holders) == 1, "all keys of a store are on one node"
    other = next(each for each in cluster if each not in holders)
    with pytest.raises(StoreDown, match="is part of a cluster") as raised:
        open_store(f"{other.url}?name=two")
    assert raised.value.hint == "redis+cluster:// in place of redis://"


def test_one_server_that_is_no_cluster(tmp_path: Path) -> None:
    server = started(tmp_path / "redis")
    try:
        with pytest.raises(StoreDown, match="is no cluster"):
            open_store(f"redis+cluster://{server.address}")
    finally:
        server.stop()
