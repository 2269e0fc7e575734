"""Wrong tokens: a few at once, then one a second for each client, however many ask at the same moment."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelctl.api import throttle
from modelctl.api.throttle import Slowing
from modelctl.project import parse_tokens
from support.api_server import Plane, write_catalog


def test_only_the_first_few_are_quick() -> None:
    now = [100.0]
    slow = Slowing(lambda: now[0])
    assert [slow.delay("10.0.0.1") for _ in range(8)] == [0, 0, 0, 0, 0, 1, 2, 3]
    assert slow.delay("10.0.0.2") == 0
    now[0] += 3600
    assert slow.delay("10.0.0.1") == 0


def test_nobody_waits_for_ever_and_nothing_grows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "MOST_CLIENTS", 10)
    now = [100.0]
    slow = Slowing(lambda: now[0])
    assert max(slow.delay("10.0.0.1") for _ in range(500)) == throttle.LONGEST_S
    for number in range(100):
        now[0] += 100
        slow.delay(f"10.0.1.{number}")
    assert len(slow._due) <= 11


def test_one_network_is_one_client() -> None:
    slow = Slowing(lambda: 0.0)
    delays = [slow.delay(f"2001:db8::{number:x}") for number in range(1, 8)]
    assert delays == [0, 0, 0, 0, 0, 1, 2]


def test_a_right_token_is_not_held_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[float] = []

    async def noted(seconds: float) -> None:
        asked.append(seconds)

    monkeypatch.setattr("modelctl.api.guard.sleep", noted)
    plane = Plane(write_catalog(tmp_path), loopback=False, tokens=parse_tokens("ada:the-right-one"))
    try:
        for _ in range(7):
            wrong = plane.client.post("/models/refresh", json={}, headers={"authorization": "Bearer wrong-token"})
            assert wrong.status_code == 401
        before = len(asked)
        right = plane.client.post("/models/refresh", json={}, headers={"authorization": "Bearer the-right-one"})
        assert (right.status_code, len(asked)) == (200, before)
        assert asked[:5] == [0.0] * 5
        assert asked[6] > asked[5] > 0
    finally:
        plane.stop()
