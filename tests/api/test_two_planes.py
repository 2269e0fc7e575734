"""Two control planes on one Redis: what is selected on one is so on the other, and nothing is lost between them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from modelctl.errors import StoreDown
from modelctl.state.selection import Head
from support.api_server import Follower, Plane, write_catalog
from support.redis_server import RedisServer, started
from support.waiting import wait_until

CLIENTS, EACH = 10, 10


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    server = started(tmp_path / "redis")
    yield server
    server.stop()


@pytest.fixture
def planes(server: RedisServer, tmp_path: Path) -> Iterator[tuple[Plane, Plane]]:
    """Each with a catalog and a state folder of its own, as on two hosts."""
    one, two = (Plane(write_catalog(tmp_path / name), store=server.url) for name in "ab")
    yield one, two
    for each in (one, two):
        each.stop()


def head_of(plane: Plane) -> Head | str:
    """What is wrong, until a request has found out that the Redis is another one."""
    plane.client.get("/models/current")
    try:
        return plane.store.head()
    except StoreDown as error:
        return error.message


def target(plane: Plane) -> str:
    return str(plane.client.get("/models/current").raise_for_status().json()["target"])


def test_a_selection_on_one_is_seen_on_the_other(planes: tuple[Plane, Plane]) -> None:
    one, two = planes
    assert (target(one), target(two)) == ("fast", "fast")
    for here, there, model in ((one, two, "slow"), (two, one, "fast"), (one, two, "acme-twin")):
        assert here.select(model).raise_for_status().json()["target"] == model
        wait_until(lambda there=there, model=model: target(there) == model, "the other sees it", every=0.001)
    for each in planes:
        history = each.client.get("/history").json()
        assert [entry["after"] for entry in history if entry["action"] == "select"] == ["acme-twin", "fast", "slow"]


def test_a_worker_acks_what_either_of_them_selects(server: RedisServer, planes: tuple[Plane, Plane]) -> None:
    worker = Follower(server.url, "w1")
    try:
        for each, model in zip(planes, ("slow", "acme-twin"), strict=True):
            wait_until(lambda each=each: each.client.get("/status").json()["workers"], "the worker is seen")
            answer = each.select(model).raise_for_status().json()
            assert [(one["id"], one["acked"]) for one in answer["workers"]] == [("w1", True)]
    finally:
        worker.stop()


def select_all(url: str, client: int, failed: list[str]) -> None:
    """Every one is a choice of its own: no other has its time limit."""
    with httpx.Client(base_url=url, timeout=60, trust_env=False, verify=False) as http:
        for number in range(EACH):
            model = ("slow", "fast", "acme-twin")[(client + number) % 3]
            body = {"model_id": model, "for": 3600 + client * EACH + number, "reason": f"{client}.{number}"}
            answer = http.post("/models/select", json=body)
            if answer.status_code != 200:
                failed.append(answer.text)


def test_a_hundred_selections_of_ten_clients_at_once(planes: tuple[Plane, Plane]) -> None:
    failed: list[str] = []
    threads = [
        threading.Thread(target=select_all, args=(planes[client % 2].url, client, failed)) for client in range(CLIENTS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    history = [entry for entry in planes[0].store.history(limit=1000) if entry.action == "select"]
    made = {f"{client}.{number}" for client in range(CLIENTS) for number in range(EACH)}
    assert sorted(entry.reason or "" for entry in history) == sorted(made)
    assert sorted(entry.version for entry in history) == list(range(2, 2 + CLIENTS * EACH))
    heads = [each.store.head() for each in planes]
    assert heads[0] == heads[1]
    last = max(history, key=lambda entry: entry.version)
    for each in planes:
        wait_until(lambda each=each: target(each) == last.after, "both stand on the last one")


def test_a_redis_that_was_restarted_empty_is_as_before_for_both(
    server: RedisServer, planes: tuple[Plane, Plane]
) -> None:
    planes[0].select("slow").raise_for_status()
    wait_until(lambda: target(planes[1]) == "slow", "both know it")
    head = planes[0].store.head()
    server.kill()
    answer = planes[0].select("fast")
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "store_down")
    server.start()
    for each in planes:
        wait_until(lambda each=each: each.client.get("/models/current").status_code == 200, "it answers again")
        assert target(each) == "slow"
    wait_until(lambda: head_of(planes[1]) == head, "the other's store is as before, too")
    planes[1].select("fast").raise_for_status()
    wait_until(lambda: target(planes[0]) == "fast", "and goes on")
