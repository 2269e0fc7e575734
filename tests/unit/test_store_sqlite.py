"""What only the store in a file promises: whose its files are, and what reaches the disk."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from modelctl.errors import StoreDown
from modelctl.state.selection import Worker
from modelctl.store import Store, open_store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(str(tmp_path))


def test_files_are_the_owners_alone(store: Store, tmp_path: Path) -> None:
    store.commit(0)
    assert {path.stat().st_mode & 0o077 for path in (tmp_path / "modelctl.db", tmp_path / "bell")} == {0}


@pytest.mark.parametrize("broken", ["database", "folder"])
def test_what_cannot_be_opened_is_store_down(tmp_path: Path, broken: str) -> None:
    if broken == "database":
        (tmp_path / "modelctl.db").write_bytes(b"no database at all" * 100)
    else:
        (tmp_path / "state").write_text("a file where a folder should be")
    with pytest.raises(StoreDown, match="cannot open the store"):
        open_store(str(tmp_path if broken == "database" else tmp_path / "state"))


def test_no_write_may_leave_the_log_unsynced(store: Store) -> None:
    """A report's commit may be the one that moves acknowledged selections from the log into the database."""
    told: list[str] = []
    store._db.set_trace_callback(told.append)  # type: ignore[attr-defined]
    store.report(Worker("w1", 1, "host"))
    store.forget("w1")
    store.commit(0)
    assert [line for line in told if "synchronous" in line] == [
        "PRAGMA synchronous=NORMAL",
        "PRAGMA synchronous=NORMAL",
        "PRAGMA synchronous=FULL",
    ]


def test_many_that_open_a_new_store_at_once(tmp_path: Path) -> None:
    """SQLite does not wait with the switch to its write-ahead log, whatever patience it is given."""
    failed: list[Exception] = []

    def begin(folder: Path, barrier: threading.Barrier) -> None:
        barrier.wait()
        try:
            open_store(str(folder)).head()
        except Exception as error:
            failed.append(error)

    for number in range(30):
        barrier = threading.Barrier(4)
        threads = [threading.Thread(target=begin, args=(tmp_path / str(number), barrier)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert failed == []
