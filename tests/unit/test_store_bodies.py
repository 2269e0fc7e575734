"""Bodies and revisions: what the head names is there, whatever the clock does and whoever sweeps."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

import pytest

from modelctl.state.desired import DesiredState, deployment
from modelctl.store import Store, desired_state, open_store
from modelctl.store.revision_parts import KEEP_REVISIONS, SWEEP_EVERY


def state(number: int) -> DesiredState:
    one = deployment(f"m{number}", {"model": f"openai/m{number}"}, {})
    return DesiredState({one.id: one})


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(str(tmp_path))


def count(folder: Path, table: str) -> int:
    db = sqlite3.connect(folder / "modelctl.db")
    try:
        return int(db.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
    finally:
        db.close()


def test_a_clock_that_steps_back_takes_nothing_away(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(KEEP_REVISIONS):
        store.commit(number, desired=state(number))
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now - 3600)
    for number in range(KEEP_REVISIONS, KEEP_REVISIONS + 3):
        head = store.commit(number, desired=state(number))
        assert desired_state(store, head.revision or "") == state(number)


def test_a_revision_that_comes_back_is_young_again(store: Store, tmp_path: Path) -> None:
    store.commit(0, desired=state(0))
    for number in range(1, KEEP_REVISIONS):
        store.commit(number, desired=state(number))
    store.commit(KEEP_REVISIONS, desired=state(0))
    head = store.commit(KEEP_REVISIONS + 1, desired=state(99))
    assert store.holds(state(0).revision)
    assert store.holds(head.revision or "")
    assert count(tmp_path, "revision") == KEEP_REVISIONS


def test_what_another_process_swept_is_written_again(store: Store, tmp_path: Path) -> None:
    version = store.commit(0, desired=state(0)).version
    other = open_store(str(tmp_path))
    for number in range(1, 3 * KEEP_REVISIONS):
        version = other.commit(version, desired=state(number)).version
    head = store.commit(version, desired=state(0))
    assert desired_state(open_store(str(tmp_path)), head.revision or "") == state(0)


def test_bodies_do_not_pile_up(store: Store, tmp_path: Path) -> None:
    for number in range(4 * KEEP_REVISIONS):
        store.commit(number, desired=state(number))
    assert count(tmp_path, "revision") == KEEP_REVISIONS
    assert count(tmp_path, "body") <= 2 * KEEP_REVISIONS + SWEEP_EVERY


@pytest.mark.parametrize("table", ["revision", "body"])
def test_a_revision_in_parts_does_not_count_as_held(store: Store, tmp_path: Path, table: str) -> None:
    revision = store.commit(0, desired=state(0)).revision or ""
    assert store.holds(revision)
    with sqlite3.connect(tmp_path / "modelctl.db") as db:
        db.execute(f"DELETE FROM {table}")
    db.close()
    assert not store.holds(revision)
    store.commit(1, desired=state(0))
    assert desired_state(store, revision) == state(0)
