"""What workers counted reaches every control plane through Redis: whole, once, and bounded."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from modelctl.control_plane.usage_drain import UsageDrain
from modelctl.store import redis_usage
from modelctl.store.redis_usage import RedisUsage, open_redis_usage
from modelctl.store.usage_store import HOUR, MINUTE, Row, UsageStore
from modelctl.usage.figures import Figures, Series
from support.redis_server import RedisServer, started

AT = int(time.time()) // HOUR * HOUR


def row(model: str, requests: int, at: int = AT, grain: int = MINUTE) -> Row:
    figures = Figures({"requests": requests, "cost": requests / 3})
    for number in range(requests):
        figures.took("request", 0.1 * (number + 1))
    return Row(grain, at, Series("active", model, f"d-{model}", "acme"), figures)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    server = started(tmp_path / "redis")
    yield server
    server.stop()


class PlaneUsage:
    """The `usage.db` of one control plane."""

    def __init__(self, server: RedisServer, folder: Path) -> None:
        self.kept = UsageStore(folder)
        self.drain = UsageDrain(open_redis_usage(server.url), self.kept)

    def figures(self) -> dict[tuple[str, str], tuple[float, float, int]]:
        self.drain.turn()
        found = self.kept.sums(MINUTE, AT, AT + HOUR, by=("worker", "model"))
        return {
            (worker, model): (one["requests"], round(one["cost"], 6), sum(one.request_bins.values()))
            for (worker, model), one in found.items()
        }


@pytest.fixture
def worker(server: RedisServer) -> RedisUsage:
    return open_redis_usage(server.url)


def test_every_control_plane_has_all_of_it(server: RedisServer, worker: RedisUsage, tmp_path: Path) -> None:
    one, two = PlaneUsage(server, tmp_path / "a"), PlaneUsage(server, tmp_path / "b")
    worker.write("w1", [row("a", 2), row("b", 1)], "prices-1")
    assert one.figures() == {("w1", "a"): (2, 0.666667, 2), ("w1", "b"): (1, 0.333333, 1)}
    worker.write("w1", [row("a", 5)], "prices-1")  # the same minute, later
    worker.write("w2", [row("a", 3)])
    expected = {("w1", "a"): (5, 1.666667, 5), ("w1", "b"): (1, 0.333333, 1), ("w2", "a"): (3, 1.0, 3)}
    assert [each.figures() for each in (one, two, one)] == [expected] * 3
    worker.write("w1", [row("a", 5)], "prices-1")
    later = PlaneUsage(server, tmp_path / "c")
    assert later.figures() == one.figures() == expected
    worker.write("w1", [row("a", 5, grain=HOUR)], "prices-1")
    one.drain.turn()
    assert one.kept.price_maps(AT, AT + HOUR) == ["prices-1"]


def test_more_than_one_answer_holds(server: RedisServer, worker: RedisUsage, tmp_path: Path) -> None:
    many = [row(f"m{number}", 1) for number in range(2 * redis_usage.AT_ONCE + 1)]
    worker.write("w1", many)
    assert len(PlaneUsage(server, tmp_path / "a").figures()) == len(many)


def test_the_rows_that_rested_longest_go(
    server: RedisServer, worker: RedisUsage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_usage, "MOST_ROWS", 3)
    for name in ("a", "b", "c", "a", "d"):
        worker.write("w1", [row(name, 1)])
    assert {model for _, model in PlaneUsage(server, tmp_path / "a").figures()} == {"a", "c", "d"}


def test_a_redis_that_was_emptied_is_read_from_its_beginning(
    server: RedisServer, worker: RedisUsage, tmp_path: Path
) -> None:
    plane = PlaneUsage(server, tmp_path / "a")
    worker.write("w1", [row("a", 1), row("b", 1), row("c", 1)])
    assert len(plane.figures()) == 3
    server.kill()
    server.start()
    worker.write("w1", [row("a", 4)])
    assert plane.figures()["w1", "a"] == (4, 1.333333, 4)


def test_what_cannot_be_kept_is_read_again(
    server: RedisServer, worker: RedisUsage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plane = PlaneUsage(server, tmp_path / "a")
    worker.write("w1", [row("a", 1)])

    def full(*_: object) -> None:
        raise OSError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(plane.kept, "write", full)
        with pytest.raises(OSError, match="full"):
            plane.drain.turn()
    assert len(plane.figures()) == 1


def test_what_nobody_has_read_survives_a_redis_that_forgets(
    server: RedisServer, worker: RedisUsage, tmp_path: Path
) -> None:
    plane = PlaneUsage(server, tmp_path / "a")
    worker.write("w1", [row("a", 2), row("b", 1)])
    server.kill()
    server.start()
    worker.write("w1", [row("a", 3)])
    assert {name: found[0] for name, found in plane.figures().items()} == {("w1", "a"): 3, ("w1", "b"): 1}
