"""The contract of every store: one head, in one step; bodies by digest; who is late must decide again."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
import time
from dataclasses import replace

import pytest

from modelctl.errors import Stale, StoreDown, UsageError
from modelctl.state.desired import Deployment, DesiredState, Model, Provider, Route, deployment
from modelctl.state.desired_json import manifest
from modelctl.state.selection import Head, HistoryEntry, Resting, Selection, Worker
from modelctl.state.stretches import LENGTH
from modelctl.store import Store, desired_state, open_store
from modelctl.store.revision_parts import KEEP_REVISIONS
from support.waiting import wait_until

MANY = [deployment(f"m{number}", {"model": f"openai/m{number}"}, {}) for number in range(3 * LENGTH + 7)]


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


def of(*entries: Deployment) -> DesiredState:
    return DesiredState({one.id: one for one in entries})


@pytest.fixture
def store(store_url: str) -> Store:
    return open_store(store_url)


@pytest.fixture
def other(store: Store, store_url: str) -> Store:
    """The same store, as another process has it."""
    return open_store(store_url)


def timeless(workers: list[Worker]) -> list[Worker]:
    """Some stores tell by their own clock when a report came."""
    return [replace(one, at=0.0) for one in workers]


def test_what_was_published_is_read_back_whole(store: Store, other: Store) -> None:
    published = state("a", "b")
    head = store.commit(0, desired=published)
    assert (other.head(), head.version, other.id) == (head, 1, store.id)
    again = desired_state(other, published.revision)
    assert (again, again.revision) == (published, published.revision)


def test_revision_and_selections_change_in_one_step(store: Store, other: Store) -> None:
    store.commit(0, desired=state("a", "b"))
    one = Selection("b", "a", "ada", 1.0, "why", until=9.0, forced=True, pinned=True, provider="acme", model_id="b")
    entry = HistoryEntry("select", 1.0, "ada", "active", "a", "b")
    head = store.commit(1, selections={"active": (one,)}, entries=[entry])
    assert (head.revision, head.selections) == (state("a", "b").revision, {"active": (one,)})
    assert other.head() == head
    assert store.commit(2, desired=state("a"), selections={}).selections == {}
    assert other.head() == Head(3, state("a").revision)


def test_what_rests_is_kept_until_it_is_replaced(store: Store, other: Store) -> None:
    rests = (Resting(1.0, "active", Selection("b", "a", "ada", 1.0)),)
    store.commit(0, resting=rests)
    store.commit(1, selections={})
    assert other.resting() == rests
    store.commit(2, resting=())
    assert other.resting() == ()


def test_who_is_late_must_decide_again(store: Store, other: Store) -> None:
    store.commit(0, desired=state("a"))
    for each in (store, other):
        with pytest.raises(Stale, match="at version 1, not 0"):
            each.commit(0, desired=state("b"), entries=[HistoryEntry("publish", 1.0, "late")])
    assert (store.head().revision, store.history()) == (state("a").revision, [])
    assert other.commit(1, selections={}).revision == state("a").revision


def test_history_is_newest_first_and_by_route(store: Store) -> None:
    for number, route in enumerate(["active", "side", None, "active"]):
        store.commit(number, entries=[HistoryEntry("select", float(number), "ada", route)])
    assert [entry.at for entry in store.history()] == [3.0, 2.0, 1.0, 0.0]
    assert [(entry.at, entry.version) for entry in store.history("active")] == [(3.0, 4), (0.0, 1)]
    assert len(store.history(limit=2)) == 2


def test_entries_of_one_commit_keep_their_order(store: Store) -> None:
    store.commit(0, entries=[HistoryEntry("publish", 1.0, "a"), HistoryEntry("end", 2.0, "a")])
    assert [entry.action for entry in store.history()] == ["end", "publish"]


def test_reports_come_and_go_and_ring(store: Store, other: Store) -> None:
    before = other.bell()
    assert other.workers() == []
    worker = Worker("w1", 1, "host", 3, "r", {"active": "a"}, None, time.time(), unset=("K",), restart_needed=("x.y",))
    store.report(worker)
    wait_until(lambda: other.bell()[1] != before[1], "the bell tells of it")
    assert (timeless(other.workers()), other.bell()[0]) == (timeless([worker]), before[0])
    store.report(replace(worker, version=4))
    assert [one.version for one in other.workers()] == [4]
    store.forget("w1")
    assert other.workers() == []


def test_a_heartbeat_makes_a_report_young_again(store: Store, other: Store) -> None:
    worker = Worker("w1", 1, "host", at=time.time())
    store.report(worker)
    before = other.workers()[0].at
    wait_until(lambda: time.time() > before + 0.01, "a moment later")
    store.report(replace(worker, at=time.time()))
    assert before < other.workers()[0].at <= time.time() + 0.01


def test_the_bell_tells_each_commit(store: Store, other: Store) -> None:
    assert other.bell()[0] == 0
    for number in range(3):
        version = store.commit(number).version
        assert store.bell()[0] == version
        wait_until(lambda version=version: other.bell()[0] == version, "the other hears it", every=0.001)


def test_a_race_of_writers_leaves_one_order(store: Store, store_url: str) -> None:
    def write(name: str) -> None:
        mine = open_store(store_url)
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
    history = store.history(limit=200)
    assert [entry.version for entry in history] == list(range(80, 0, -1))
    for name in "abcd":
        assert [entry.at for entry in history if entry.actor == name] == [float(n) for n in range(19, -1, -1)]


def test_what_was_acknowledged_survives_kill_9_of_who_wrote_it(store: Store, store_url: str) -> None:
    code = (
        "import sys; from modelctl.store import open_store; from modelctl.state.selection import HistoryEntry\n"
        "store = open_store(sys.argv[1])\n"
        "for n in range(10**6):\n"
        "    head = store.commit(n, entries=[HistoryEntry('select', float(n), 'ada')])\n"
        "    print(head.version, flush=True)"
    )
    process = subprocess.Popen([sys.executable, "-c", code, store_url], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    said = [int(process.stdout.readline()) for _ in range(50)]
    process.kill()
    said += [int(line) for line in process.stdout.read().split()]
    process.wait()
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
    assert not store.holds(first.revision)
    with pytest.raises(StoreDown, match="does not hold revision"):
        store.manifest(first.revision)


def test_a_revision_that_comes_back_is_young_again(store: Store) -> None:
    store.commit(0, desired=state("m0"))
    for number in range(1, KEEP_REVISIONS):
        store.commit(number, desired=state(f"m{number}"))
    store.commit(KEEP_REVISIONS, desired=state("m0"))
    head = store.commit(KEEP_REVISIONS + 1, desired=state("m99"))
    assert store.holds(state("m0").revision)
    assert store.holds(head.revision or "")


def test_what_another_process_swept_is_written_again(store: Store, other: Store, store_url: str) -> None:
    version = store.commit(0, desired=state("m0")).version
    for number in range(1, 3 * KEEP_REVISIONS):
        version = other.commit(version, desired=state(f"m{number}")).version
    head = store.commit(version, desired=state("m0"))
    assert desired_state(open_store(store_url), head.revision or "") == state("m0")


def test_all_kept_revisions_stay_whole(store: Store) -> None:
    """Whatever is swept meanwhile, entries that come and go included."""
    numbers = random.Random(7)
    last: list[DesiredState] = []
    for version in range(2 * KEEP_REVISIONS):
        start = numbers.randint(0, 5)
        last.append(of(*MANY[start : 2 * LENGTH], deployment("other", {"timeout": version}, {})))
        store.commit(version, desired=last[-1])
    for each in last[-KEEP_REVISIONS:]:
        assert store.holds(each.revision)
        assert desired_state(store, each.revision) == each


@pytest.mark.parametrize("count", [0, 1, LENGTH, LENGTH + 1, len(MANY)])
def test_long_lists_come_back_as_they_were(store: Store, other: Store, count: int) -> None:
    published = of(*MANY[:count])
    store.commit(0, desired=published)
    for each in (store, other):
        again = desired_state(each, published.revision)
        assert (list(again.deployments.values()), again.revision) == (MANY[:count], published.revision)
        assert each.manifest(published.revision) == manifest(published)
        assert each.holds(published.revision)


def test_a_version_of_another_store_acks_nothing(store: Store) -> None:
    for name, whose in (("ours", store.id), ("theirs", "another"), ("older hook", None)):
        store.report(Worker(name, 1, "host", version=50, store=whose))
    assert {each.id: each.acked(1) for each in store.workers()} == {"ours": True, "theirs": False, "older hook": True}


def test_a_revision_that_was_only_refused_is_not_proven(store: Store) -> None:
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


def test_a_store_that_stays_need_not_be_renewed(store: Store) -> None:
    store.commit(0, desired=state("a"))
    assert (store.moved(), store.renew(), store.head().version) == (False, None, 1)


def test_a_kind_that_does_not_exist() -> None:
    with pytest.raises(UsageError, match="no store of kind `memcached`"):
        open_store("memcached://localhost")
