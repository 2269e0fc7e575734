"""A store that is deleted or replaced under those who have it open, and what was said of the old one."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from modelctl.errors import Stale, StoreDown
from modelctl.state.desired import DesiredState, deployment
from modelctl.state.selection import HistoryEntry, Selection, Worker
from modelctl.store import Store, open_store

SELECTED = {"active": (Selection("b", "a", "ada", 1.0),)}


def state(name: str) -> DesiredState:
    one = deployment(name, {"model": f"openai/{name}"}, {})
    return DesiredState({one.id: one})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture
def store(folder: Path) -> Store:
    store = open_store(str(folder))
    store.commit(0, desired=state("a"))
    return store


@pytest.mark.parametrize("replaced", [False, True])
def test_nothing_is_acknowledged_into_a_file_that_is_gone(store: Store, folder: Path, replaced: bool) -> None:
    shutil.rmtree(folder)
    if replaced:
        open_store(str(folder))
    with pytest.raises(Stale, match="deleted or replaced"):
        store.commit(1, selections=SELECTED)
    with pytest.raises(StoreDown, match="deleted or replaced"):
        store.report(Worker("w1", 1, "host"))
    assert store.head().selections == {}


@pytest.mark.parametrize("replaced", [False, True])
def test_renewed_it_is_the_store_at_the_path(store: Store, folder: Path, replaced: bool) -> None:
    before, old = store.commit(1, selections=SELECTED), store.id
    assert store.renew() is None
    shutil.rmtree(folder)
    if replaced:
        open_store(str(folder)).commit(0, selections=SELECTED)
    assert store.renew() == before
    assert store.id != old
    assert store.commit(1 if replaced else 0, entries=[HistoryEntry("select", 1.0, "ada")]).version == 1 + replaced
    assert open_store(str(folder)).head() == store.head()
    assert store.bell() == open_store(str(folder)).bell()


def test_closing_the_old_file_leaves_the_log_of_the_new_one(store: Store, folder: Path) -> None:
    """SQLite removes the log by its path when the last connection closes."""
    shutil.rmtree(folder)
    other = open_store(str(folder))
    head = other.commit(0, selections=SELECTED)
    store.renew()
    assert open_store(str(folder)).head() == head


def test_a_folder_that_cannot_be_made_again_is_store_down(store: Store, folder: Path) -> None:
    shutil.rmtree(folder)
    folder.write_text("a file")
    with pytest.raises(StoreDown, match="cannot open"):
        store.renew()
    assert store.head().version == 1


def test_a_version_of_another_store_acks_nothing(store: Store) -> None:
    for name, of in (("ours", store.id), ("theirs", "another"), ("older hook", None)):
        store.report(Worker(name, 1, "host", version=50, store=of))
    assert {each.id: each.acked(1) for each in store.workers()} == {"ours": True, "theirs": False, "older hook": True}


def test_a_database_of_an_older_release_is_read_on(store: Store, folder: Path) -> None:
    head = store.commit(1, selections=SELECTED)
    store.close()
    with sqlite3.connect(folder / "modelctl.db") as db:
        db.execute("DROP TABLE store")
        db.execute("PRAGMA user_version = 0")
        db.execute("""INSERT INTO worker VALUES ('w', '{"id": "w", "pid": 1, "host": "h", "version": 2,
            "unset": [], "restart_needed": []}')""")
    db.close()
    again, other = open_store(str(folder)), open_store(str(folder))
    assert again.head() == head
    assert len(again.id) == 16
    assert again.id == other.id
    assert again.workers()[0].acked(2)


def test_a_program_that_changes_its_folder_goes_on_writing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    store = open_store("state")
    monkeypatch.chdir("/")
    assert store.commit(0).version == 1
    assert store.renew() is None
