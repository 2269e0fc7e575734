"""When a file is not read again: an equal look must prove equal content, on coarse clocks and under others' clocks."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from modelctl.system import file_stamp
from modelctl.system.file_stamp import COARSE_NS, FINE_S, Glance, glance

SECOND = 1_000_000_000
NOW = 1_800_000_000 * SECOND


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Ours: `passed` in seconds since it began."""
    clock = SimpleNamespace(passed=0.0)
    monkeypatch.setattr(file_stamp.time, "monotonic", lambda: clock.passed)
    monkeypatch.setattr(file_stamp.time, "time_ns", lambda: NOW + int(clock.passed * SECOND))
    return clock


def status(changed: int, size: int = 1) -> Any:
    return SimpleNamespace(st_mtime_ns=changed, st_ctime_ns=changed, st_size=size, st_ino=7, st_dev=8)


def test_a_file_that_was_just_written_may_be_written_again_unseen(clock: SimpleNamespace) -> None:
    first = glance(status(NOW - 1), None)
    assert not first.certain
    clock.passed = FINE_S / 2
    assert not glance(status(NOW - 1), first).certain
    clock.passed = FINE_S
    assert glance(status(NOW - 1), first).certain


def test_a_clock_of_whole_seconds_gets_longer(clock: SimpleNamespace) -> None:
    first = glance(status(NOW), None)
    clock.passed = 2 * FINE_S
    assert not glance(status(NOW), first).certain
    clock.passed = COARSE_NS / SECOND
    assert glance(status(NOW), first).certain


def test_who_is_certain_stays_so_until_the_look_changes(clock: SimpleNamespace) -> None:
    old = status(NOW - COARSE_NS)
    first = glance(old, None)
    assert first.certain
    assert glance(old, first) is first
    other = glance(status(NOW - COARSE_NS, size=2), first)
    assert other is not first


@pytest.mark.parametrize("ahead", [-2 * SECOND, 2 * SECOND])
def test_the_clock_of_a_server_may_be_another(clock: SimpleNamespace, ahead: int) -> None:
    """What was written at this moment is uncertain for as long as a tick may take, whatever time it bears."""
    seen = status(NOW + ahead + 1)
    first = glance(seen, None)
    assert not first.certain
    clock.passed = FINE_S
    assert glance(seen, first).certain


def test_no_write_goes_unseen(tmp_path: Path) -> None:
    """On this file system: same length, same time of content, again and again; what is kept is what is there."""
    path = tmp_path / "a.yaml"
    path.write_text("0000")
    before, kept = None, ""
    for number in range(3000):
        now = glance(path.stat(), before)
        if now is not before:
            before, kept = now, path.read_text()
        assert kept == path.read_text()
        if number % 3:
            path.write_text(f"{number % 10_000:04}")
            os.utime(path, ns=(1, 1))
    assert isinstance(before, Glance)
