"""A worker's full rounds of Python's collector have little to look through, whatever LiteLLM has loaded by then."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from modelctl.hook import collector_freeze
from support.client import PATHS
from support.inside import inside
from support.stack import Stack
from support.waiting import wait_until

COUNTS = "import gc; return [len(gc.get_objects()), gc.get_freeze_count()]"
GROW = "proxy._grown = [[] for _ in range(60_000)]"
LISTEN = """
from modelctl.hook import collector_freeze
quiet, heard = collector_freeze.quiet, []
def listened():
    heard.append(quiet())
    return heard[-1]
listened.unheard = quiet
collector_freeze.quiet, collector_freeze.heard = listened, heard
"""
HEARD = "from modelctl.hook import collector_freeze; return collector_freeze.heard"
DEAF = """
from modelctl.hook import collector_freeze
collector_freeze.quiet = collector_freeze.quiet.unheard
del collector_freeze.heard, proxy._grown
"""


def counts(stack: Stack) -> tuple[int, int]:
    """Of the first worker: objects that a full round looks through, and those that are set collector_freeze."""
    looked_at, kept = inside(stack.proxy.workers[0], COUNTS)
    return looked_at, kept


def little_is_left(stack: Stack) -> None:
    def little() -> bool:
        looked_at, kept = counts(stack)
        return kept > 300_000 and looked_at * 20 < kept

    wait_until(little, "all but a twentieth is set aside", timeout=60, every=0.1)


def ask_everything(stack: Stack) -> None:
    client = stack.clients[0]
    for kind in sorted(PATHS):
        assert client.ask("alpha", kind).ok
        assert client.stream("alpha", kind).rest()
    assert client.embeddings("embed").status_code == 200
    gemini = client.http.post(
        "/v1beta/models/alpha:generateContent", json={"contents": [{"role": "user", "parts": [{"text": "hello"}]}]}
    )
    assert gemini.status_code == 200
    for path in ("/v1/models", "/v1/model/info", "/openapi.json"):
        assert client.http.get(path).status_code == 200


def test_a_worker_that_has_served_every_endpoint_has_little_left_to_look_through(stack: Stack) -> None:
    """LiteLLM imports 200,000 objects with its first requests, beside the 700,000 of its start."""
    ask_everything(stack)
    little_is_left(stack)


def test_nothing_is_set_aside_while_a_request_is_in_flight(stack: Stack) -> None:
    worker = stack.proxy.workers[0]
    little_is_left(stack)
    stack.upstream.behave("alpha", seconds=600, pieces=2)
    stream = stack.clients[0].stream("alpha")
    before = counts(stack)[1]
    inside(worker, LISTEN + GROW)
    try:
        heard = wait_until(lambda: found if len(found := inside(worker, HEARD)) > 3 else None, "it looked", timeout=30)
        assert set(heard) == {False}
        assert counts(stack)[1] <= before
        stream.close()
        wait_until(lambda: counts(stack)[1] > before + 50_000, "it is set aside after the request", timeout=60)
    finally:
        inside(worker, DEAF)


class Collector:
    """Python's own, as far as `Aside` asks it: `grow` adds objects, some of which a set-aside takes away."""

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
