"""Redis is killed at random moments, under selections on two control planes: nothing acknowledged is lost."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from support.api_server import Plane, write_catalog
from support.effort import examples
from support.redis_server import LASTING, RedisServer, started
from support.waiting import wait_until

KILLS = examples(5)
FEW = 3  # selections between two kills, at the least
MODELS = ("slow", "fast", "acme-twin")


class Clients:
    """Select without end on one control plane; `acked` are the reasons of those that were answered with 200."""

    def __init__(self, url: str, name: str) -> None:
        self.acked: list[str] = []
        self.failed: list[str] = []
        self._url, self._name, self._over = url, name, threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        number = 0
        with httpx.Client(base_url=self._url, timeout=60, trust_env=False) as http:
            while not self._over.wait(0.005):
                number += 1
                reason = f"{self._name}.{number}"
                body = {"model_id": MODELS[number % 3], "for": 3600 + number, "reason": reason}
                answer = http.post("/models/select", json=body)
                if answer.status_code == 200:
                    self.acked.append(reason)
                elif answer.status_code != 503:
                    self.failed.append(answer.text)

    def stop(self) -> None:
        self._over.set()
        self._thread.join(60)


@pytest.fixture(params=["it keeps nothing", "it keeps all"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RedisServer]:
    server = started(tmp_path / "redis", *(LASTING if request.param == "it keeps all" else ()))
    yield server
    server.stop()


def test_nothing_acknowledged_is_lost(server: RedisServer, tmp_path: Path) -> None:
    planes = [Plane(write_catalog(tmp_path / name), store=server.url) for name in "ab"]
    clients = [Clients(plane.url, name) for plane, name in zip(planes, "ab", strict=True)]
    numbers = random.Random(7)
    try:
        for _ in range(KILLS):
            before = [len(each.acked) for each in clients]
            wait_until(
                lambda before=before: all(len(each.acked) >= n + FEW for each, n in zip(clients, before, strict=True)),
                "both are answered", 60,
            )  # fmt: skip
            moment = len(clients[0].acked) + numbers.randint(0, 3)
            wait_until(lambda moment=moment: len(clients[0].acked) >= moment, "at some moment", 60, every=0.001)
            server.kill()
            server.start()
    finally:
        for each in clients:
            each.stop()
    assert [each.failed for each in clients] == [[], []]
    for plane in (*planes, *planes):  # each in turn brings back what only it knows
        plane.store.renew()
        plane.store.head()
    heads = [plane.store.head() for plane in planes]
    assert heads[0] == heads[1]
    there = {entry.reason for entry in planes[0].store.history(limit=100_000)}
    lost = [reason for each in clients for reason in each.acked if reason not in there]
    assert lost == []
    for plane in planes:
        plane.stop()
