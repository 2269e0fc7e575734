"""Whose clock ends a time limit: that of the store's host, for everybody who follows it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from modelctl.store import open_store
from modelctl.store.followed_store import FollowedStore
from modelctl.store.redis_address import read_address
from modelctl.store.redis_origin import RedisOrigin
from modelctl.store.store_clock import StoreClock

NEAR = 5.0  # seconds, on a busy machine
RIGHT = time.time


@pytest.fixture
def wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    """This host's clock is an hour ahead."""
    monkeypatch.setattr(time, "time", lambda: RIGHT() + 3600)


def test_a_clock_that_was_never_heard_is_ours(wrong: None) -> None:
    assert StoreClock().now() == pytest.approx(RIGHT() + 3600, abs=NEAR)


def test_it_goes_on_whatever_our_clock_does(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = StoreClock()
    clock.note(1000.0)
    for jump in (-1e6, 1e6):
        monkeypatch.setattr(time, "time", lambda jump=jump: RIGHT() + jump)
        assert clock.now() == pytest.approx(1000, abs=NEAR)


def test_how_long_an_answer_took_is_no_other_clock() -> None:
    clock = StoreClock()
    clock.note(1000.0)
    clock.note(1000.2)
    assert clock.now() < 1000.2
    clock.note(2000.0)
    assert clock.now() >= 2000


def test_a_store_on_this_host_has_its_clock(tmp_path: Path, wrong: None) -> None:
    store = open_store(str(tmp_path))
    assert store.now() == pytest.approx(RIGHT() + 3600, abs=NEAR)
    store.close()


def test_a_control_plane_and_a_worker_on_redis_have_that_of_redis(redis_url: str, wrong: None) -> None:
    plane = open_store(redis_url)
    worker = FollowedStore(RedisOrigin(read_address(redis_url)))
    assert plane.now() == pytest.approx(RIGHT(), abs=NEAR)
    assert worker.head().version == 0
    assert worker.now() == pytest.approx(RIGHT(), abs=NEAR)
    worker.end()
    plane.close()
