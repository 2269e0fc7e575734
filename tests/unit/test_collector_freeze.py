"""A worker's full rounds of Python's collector have little to look through, whatever LiteLLM has loaded by then."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from modelctl.hook import collector_freeze


class Collector:
    """Python's own, as far as `CollectorFreeze` asks it: `grow` adds objects, some of which a set-aside takes away."""

    def __init__(self) -> None:
        self.rounds = self.objects = self.times = 0

    def grow(self, objects: int, garbage: int = 0) -> None:
        self.objects += objects
        self.rounds += (objects + garbage) // 700

    def set_aside(self) -> None:
        self.objects, self.times = 0, self.times + 1

    def get_stats(self) -> list[dict[str, int]]:
        return [{"collections": self.rounds}]

    def get_threshold(self) -> tuple[int, int, int]:
        return 700, 10, 10

    def get_objects(self) -> range:
        return range(self.objects)


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    made = Collector()
    monkeypatch.setattr(collector_freeze, "gc", made)
    monkeypatch.setattr(collector_freeze, "set_aside", made.set_aside)
    monkeypatch.setattr(collector_freeze, "quiet", lambda: True)
    yield made
    assert gc.isenabled()


def times(collector: Collector, *growths: tuple[int, int]) -> int:
    """How often it is set aside: at the start, and with a look after each growth and another one later."""
    following, now = collector_freeze.CollectorFreeze(), 0.0
    following.start()
    for objects, garbage in growths:
        collector.grow(objects, garbage)
        for _ in range(2):
            now += collector_freeze.EVERY
            following.look(now)
    return collector.times


def test_growth_that_has_settled_is_set_aside_once(collector: Collector) -> None:
    assert times(collector, (60_000, 0), (0, 0), (0, 0)) == 2


@pytest.mark.parametrize("growth", [(5_000, 0), (100, 60_000)], ids=["little", "gone again"])
def test_what_is_not_worth_it_is_left(collector: Collector, growth: tuple[int, int]) -> None:
    assert times(collector, growth, growth) == 1


def test_little_by_little_is_as_much(collector: Collector) -> None:
    assert times(collector, *[(5_000, 1_000)] * 12) >= 3


def test_a_worker_that_grows_for_ever_is_left_alone_in_the_end(collector: Collector) -> None:
    assert times(collector, *[(60_000, 0)] * 100) == 1 + collector_freeze.TIMES


def test_a_look_costs_next_to_nothing(collector: Collector, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is called every few milliseconds: the objects are counted only after growth, the tasks as well."""
    asked: list[str] = []
    monkeypatch.setattr(collector, "get_objects", lambda: asked.append("objects") or range(0))
    monkeypatch.setattr(collector_freeze, "quiet", lambda: asked.append("tasks") or True)
    following = collector_freeze.CollectorFreeze()
    following.start()
    for tick in range(2000):
        following.look(tick * 0.005)
    assert asked == []
