"""The store: one head, in one step, durable; bodies by digest; who is late must decide again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from modelctl.errors import Stale, StoreDown, UsageError
from modelctl.state.desired import DesiredState, Model, Provider, Route, deployment
from modelctl.state.selection import HistoryEntry, Selection, Worker
from modelctl.store import Store, desired_state, open_store
from modelctl.store.revision_bodies import KEEP_REVISIONS


def state(*names: str) -> DesiredState:
    made = [deployment(name, {"model": f"openai/{name}"}, {}) for name in names]
    models = tuple(Model(name, "acme", name, name) for name in names)
    provider = Provider("acme", "Acme", models)
    return DesiredState(
        {each.id: each for each in made},
        {"active": Route("active", names[0], fallbacks=tuple(names[1:]))},
        {"fallbacks": {names[0]: list(names[1:])}},
        {"general_settings": {"master_key": "os.environ/KEY"}},
        {"URL": "http://x"},
        (provider,),
    )


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(str(tmp_path))


def test_what_was_published_is_read_back_whole(store: Store, tmp_path: Path) -> None:
    published = state("a", "b")
    head = store.commit(0, desired=published)
    other = open_store(f"sqlite://{tmp_path}")
    assert (other.head(), head.version) == (head, 1)
    again = desired_state(other, published.revision)
    assert (again, again.revision) == (published, published.revision)


def test_revision_and_selections_change_in_one_step(store: Store) -> None:
    store.commit(0, desired=state("a", "b"))
    one = Selection("b", "a", "ada", 1.0, "why", until=9.0, forced=True, pinned=True, provider="acme", model_id="b")
    head = store.commit(
        1, selections={"active": (one,)}, entries=[HistoryEntry("select", 1.0, "ada", "active", "a", "b")]
    )
    assert (head.revision, head.selections) == (state("a", "b").revision, {"active": (one,)})
    assert store.commit(2, desired=state("a"), selections={}).selections == {}


def test_who_is_late_must_decide_again(store: Store) -> None:
    store.commit(0, desired=state("a"))
    with pytest.raises(Stale, match="at version 1, not 0"):
        store.commit(0, desired=state("b"), entries=[HistoryEntry("publish", 1.0, "late")])
    assert (store.head().revision, store.history()) == (state("a").revision, [])


def test_history_is_newest_first_and_by_route(store: Store) -> None:
    for number, route in enumerate(["active", "side", None, "active"]):
        store.commit(number, entries=[HistoryEntry("select", float(number), "ada", route)])
    assert [entry.at for entry in store.history()] == [3.0, 2.0, 1.0, 0.0]
    assert [(entry.at, entry.version) for entry in store.history("active")] == [(3.0, 4), (0.0, 1)]
    assert len(store.history(limit=2)) == 2


def test_reports_come_and_go_and_ring(store: Store, tmp_path: Path) -> None:
    other = open_store(str(tmp_path))
    before = other.bell()
    worker = Worker("w1", 1, "host", 3, "r", {"active": "a"}, None, 1.0, unset=("KEY",), restart_needed=("x.y",))
    store.report(worker)
    assert (other.workers(), other.bell()[0], other.bell()[1] != before[1]) == ([worker], before[0], True)
    store.forget("w1")
    assert other.workers() == []


def test_the_bell_tells_each_commit(store: Store, tmp_path: Path) -> None:
    other = open_store(str(tmp_path))
    heard = [other.bell()[0]]
    for number in range(3):
        store.commit(number)
        heard.append(other.bell()[0])
    assert heard == [0, 1, 2, 3]


def test_a_race_of_writers_leaves_one_order(tmp_path: Path) -> None:
    def write(name: str) -> None:
        mine = open_store(str(tmp_path))
        for number in range(20):
            while True:
                head = mine.head()
                try:
                    mine.commit(head.version, entries=[HistoryEntry("select", float(number), name)])
                    break
                except Stale:
                    continue

    threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    history = open_store(str(tmp_path)).history(limit=200)
    assert [entry.version for entry in history] == list(range(80, 0, -1))
    for name in "abcd":
        assert [entry.at for entry in history if entry.actor == name] == [float(n) for n in range(19, -1, -1)]


def test_what_was_acknowledged_survives_kill_9(tmp_path: Path) -> None:
    code = (
        "import sys; from modelctl.store import open_store; from modelctl.state.selection import HistoryEntry\n"
        "store = open_store(sys.argv[1])\n"
        "for n in range(10**6):\n"
        "    head = store.commit(n, entries=[HistoryEntry('select', float(n), 'ada')])\n"
        "    print(head.version, flush=True)"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    said = [int(process.stdout.readline()) for _ in range(50)]
    os.kill(process.pid, signal.SIGKILL)
    said += [int(line) for line in process.stdout.read().split()]
    process.wait()
    store = open_store(str(tmp_path))
    assert store.head().version >= said[-1]
    assert len(store.history(limit=10**6)) == store.head().version


def test_old_revisions_go_and_the_live_one_stays(store: Store) -> None:
    first = state("a", "b0")
    store.commit(0, desired=first)
    for number in range(1, KEEP_REVISIONS + 60):
        store.commit(number, desired=state("a", f"b{number}"))
    last = store.head().revision
    assert last is not None
    assert len(desired_state(store, last).deployments) == 2
    with pytest.raises(StoreDown, match="does not hold revision"):
        store.manifest(first.revision)


def test_files_are_the_owners_alone(store: Store, tmp_path: Path) -> None:
    store.commit(0, desired=state("a"))
    assert {path.stat().st_mode & 0o077 for path in (tmp_path / "modelctl.db", tmp_path / "bell")} == {0}


@pytest.mark.parametrize("broken", ["database", "folder"])
def test_what_cannot_be_opened_is_store_down(tmp_path: Path, broken: str) -> None:
    if broken == "database":
        (tmp_path / "modelctl.db").write_bytes(b"no database at all" * 100)
    else:
        (tmp_path / "state").write_text("a file where a folder should be")
    with pytest.raises(StoreDown, match="cannot open the store"):
        open_store(str(tmp_path if broken == "database" else tmp_path / "state"))


def test_a_kind_that_does_not_exist_yet(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no store of kind `redis`"):
        open_store("redis://localhost")


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


def test_a_revision_that_was_only_refused_is_not_proven(tmp_path: Path) -> None:
    store = open_store(str(tmp_path))
    first, second = state("a"), state("a", "b")

    def says(revision: str | None, error: str | None = None) -> None:
        version = store.head().version
        store.report(Worker("w", 1, "h", version, revision, {}, error, store=store.id))

    store.commit(0, desired=first)
    assert store.proven() is None
    says(first.revision)
    store.commit(1, desired=second)
    assert store.proven() is None  # nobody has said anything yet
    says(first.revision, "LiteLLM drops `b`")
    assert store.proven() == first.revision
    says(second.revision)  # another worker takes it
    says(first.revision, "LiteLLM drops `b`")
    assert store.proven() is None
