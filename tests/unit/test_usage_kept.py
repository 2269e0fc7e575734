"""From what is counted to what is kept: sketches, the ledger, the writer's thread, the store and its questions."""

from __future__ import annotations

import math
import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelctl.errors import ModelctlError, StoreDown
from modelctl.hook import ledger, usage_writer
from modelctl.hook.counted import Attempt, NotCounted, Request
from modelctl.hook.ledger import OTHER, Ledger
from modelctl.hook.usage_writer import UsageWriter
from modelctl.service.usage_query import pieces, usage_answer
from modelctl.service.usage_question import read_question
from modelctl.store.usage_store import DAY, HOUR, MINUTE, Retention, UsageStore, usage_keep
from modelctl.usage import bins
from modelctl.usage.figures import Figures, Series
from support.waiting import wait_until

AT = 1_790_000_000 // DAY * DAY + 10 * HOUR  # ten o'clock of some day
ONE = Series("active", "fast", "id-1", "acme")


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[UsageStore]:
    store = UsageStore(tmp_path, patience=0.1)
    yield store
    store.close()


def request(at: float = AT, series: Series = ONE, seconds: float = 0.5, failed: str | None = None) -> Request:
    return Request(at, series, seconds, failed)


def write(kept: UsageStore, *counted: Request | Attempt | NotCounted, worker: str = "w1") -> None:
    made = Ledger()
    made.take(counted)
    kept.write(worker, made.rows())


def rows(kept: UsageStore, by: str = "model", since: str = "1h", step: str | None = None, now: float = AT + 60) -> list:
    return usage_answer(kept, read_question(by, since, None, step, now=now), now)["rows"]


# -- sketches ---------------------------------------------------------------------------------


@given(st.dictionaries(st.integers(-700, 5000), st.integers(1, 2**40), max_size=60))
def test_what_is_packed_comes_out_again(found: dict[int, int]) -> None:
    total = bins.Sum()
    total.add(bins.pack(found))
    total.add(bins.pack({key: count for key, count in found.items() if key % 2}))
    assert total.bins() == {key: count * (1 + key % 2) for key, count in found.items()}


def test_a_busy_hour_of_one_model_is_small() -> None:
    chance, figures = random.Random(7), Figures()
    for _ in range(20_000):
        figures.took("request", chance.lognormvariate(0.5, 0.6))
        figures.took("attempt", chance.lognormvariate(0.4, 0.6))
        figures.took("first_token", chance.lognormvariate(-1, 0.5))
    sketches = sum(len(each) for each in figures.values() if isinstance(each, bytes))
    assert sketches < 2_000  # of 20,000 requests, as unlike each other as they get


@pytest.mark.parametrize("q", [0.5, 0.95, 0.99])
def test_percentiles_of_merged_sketches_are_right_within_one_percent(q: float) -> None:
    chance = random.Random(3)
    values = [chance.lognormvariate(0, 1) for _ in range(5000)]
    parts: list[bins.Bins] = [{}, {}, {}]
    for number, value in enumerate(values):
        bins.add(parts[number % 3], value)
    whole = bins.Sum()
    for part in parts:
        whole.add(bins.pack(part))
    exact = sorted(values)[math.floor(q * (len(values) - 1))]
    assert bins.quantiles(whole.bins(), [q]) == [pytest.approx(exact, rel=0.0101)]


# -- the ledger -------------------------------------------------------------------------------


def test_rows_are_whole_each_time_so_that_writing_twice_changes_nothing(kept: UsageStore) -> None:
    made = Ledger()
    for _ in range(3):
        made.take([request()])
        kept.write("w1", made.rows())
        kept.write("w1", made.rows())
        made.written(AT + 1)
    assert [row["requests"] for row in rows(kept)] == [3]


def test_what_is_over_leaves_memory(kept: UsageStore) -> None:
    made = Ledger()
    made.take([request(AT + minute * 60) for minute in range(5)])
    made.written(AT + 5 * DAY)
    assert (made.rows(), made.over) == ([], AT + 5 * 60)


def test_a_clock_that_goes_back_replaces_nothing(kept: UsageStore) -> None:
    writer = UsageWriter(kept, "w1", Retention())
    writer._thread.join(0)
    for at in (AT, AT + 10 * MINUTE, AT):  # forward, and back again to a minute that is over
        writer.add(request(at))
        writer._write(at if at == AT else at + 5 * MINUTE)
    assert sum(row["requests"] for row in rows(kept, now=AT + HOUR)) == 3
    assert {row["worker"]: row["requests"] for row in rows(kept, "worker", now=AT + HOUR)} == {"w1": 2, "w1#1": 1}


def test_minutes_are_those_of_the_stores_clock(kept: UsageStore) -> None:
    """This host's is two hours ahead: its requests would be in nobody's last hour."""
    writer = UsageWriter(kept, "w1", Retention())
    writer._thread.join(0)
    writer.ahead = lambda: -2.0 * HOUR
    for minute in range(3):
        at = AT + 2 * HOUR + minute * MINUTE
        writer.add(request(at))
        writer._write(at + 1)
    assert [row["requests"] for row in rows(kept, now=AT + 3 * MINUTE)] == [3]
    assert {row["worker"] for row in rows(kept, "worker", now=AT + 3 * MINUTE)} == {"w1"}


def test_what_fails_keeps_nothing_else_from_its_turn(kept: UsageStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usage_writer, "EVERY", 600)
    writer, turns = UsageWriter(kept, "w1", Retention()), list[float]()

    def failing(now: float) -> None:
        raise ZeroDivisionError

    writer.also += [failing, turns.append]
    writer._once()
    assert len(turns) == 1
    assert "ZeroDivisionError" in (writer.remark() or "")


def test_names_beyond_the_bound_count_as_other(kept: UsageStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "MOST_SERIES", 2)
    write(kept, *(request(series=Series(f"r{number}", f"m{number}", "d", "p")) for number in range(5)))
    assert {row["model"]: row["requests"] for row in rows(kept)} == {"m0": 1, "m1": 1, OTHER.model: 3}


# -- a store that is away ---------------------------------------------------------------------


def test_a_locked_store_loses_nothing_and_is_told(kept: UsageStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usage_writer, "EVERY", 0.01)
    write(kept, request())  # so that the file is there
    holder = sqlite3.connect(kept._path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    writer = UsageWriter(UsageStore(kept._path.parent, patience=0.01), "w2", Retention())
    for _ in range(100):
        writer.add(request())
    told = wait_until(writer.remark, "it is told")
    holder.execute("ROLLBACK")
    holder.close()
    wait_until(lambda: writer.remark() is None, "it is over")
    assert "locked" in told
    assert {row["worker"]: row["requests"] for row in rows(kept, "worker")} == {"w1": 1, "w2": 100}


def test_what_does_not_fit_is_dropped_by_the_minute_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "MOST_WAITING", 10)
    made = Ledger()
    made.take([request(AT + minute * MINUTE) for minute in range(30)])
    made.bound()
    left = {
        grain: sum(row.figures["requests"] for row in made.rows() if row.grain == grain) for grain in (MINUTE, HOUR)
    }
    assert (made.dropped, left) == (22, {MINUTE: 8, HOUR: 30})


def test_a_queue_that_is_full_says_what_it_dropped(kept: UsageStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usage_writer, "MOST_QUEUED", 2)
    monkeypatch.setattr(usage_writer, "EVERY", 60)
    writer = UsageWriter(kept, "w1", Retention())
    for _ in range(5):
        writer.add(request())
    assert writer.remark() == "3 events are missing in the minutes"


def test_a_store_that_was_deleted_is_made_again(kept: UsageStore) -> None:
    write(kept, request())
    kept._path.unlink()
    write(kept, request(), request())
    assert [row["requests"] for row in rows(kept)] == [2]


def test_a_file_that_is_no_store_is_said_in_plain_words(tmp_path: Path) -> None:
    (tmp_path / "usage.db").write_text("not a database, and long enough to be looked at as one" * 40)
    with pytest.raises(StoreDown, match="usage cannot be read"):
        UsageStore(tmp_path).oldest(DAY)


# -- ageing -----------------------------------------------------------------------------------


def test_minutes_hours_and_days_age_each_in_its_time(kept: UsageStore) -> None:
    for days in (0, 8, 100, 400):
        write(kept, request(AT - days * DAY))
    kept.age(AT + 60, Retention(minutes=7, hours=90))
    assert [kept.oldest(grain) for grain in (MINUTE, HOUR)] == [AT, AT - 8 * DAY]
    assert kept.oldest(DAY) == (AT - 400 * DAY) // DAY * DAY


def test_the_oldest_minutes_go_first_where_the_file_holds_too_much(kept: UsageStore) -> None:
    for day in range(5):
        write(kept, *(request(AT - day * DAY, Series(f"r{number}", "m", "d", "p")) for number in range(300)))
    with kept._reading() as db:
        full = kept._bytes(db)
    kept.age(AT + 60, Retention(most=full - 1))
    assert (kept.oldest(MINUTE), kept.oldest(HOUR)) == (AT - 3 * DAY, AT - 4 * DAY)
    assert sum(row["requests"] for row in rows(kept, since="30d")) == 1500


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, Retention()),
        ({"MODELCTL_USAGE_KEEP": "2,30,365"}, Retention(2, 30, 365)),
        ({"MODELCTL_USAGE_KEEP": "2", "MODELCTL_USAGE_MOST_MB": "64"}, Retention(2, 90, None, 64 * 2**20)),
        ({"MODELCTL_USAGE_KEEP": "a week", "MODELCTL_USAGE_MOST_MB": "much"}, Retention()),
    ],
)
def test_how_long_is_a_setting(given: dict[str, str], said: Retention) -> None:
    assert usage_keep(given) == said


# -- questions --------------------------------------------------------------------------------


def test_a_month_is_read_from_days_with_finer_edges_and_nothing_counts_twice(kept: UsageStore) -> None:
    chance = random.Random(5)
    times = sorted(AT - chance.uniform(0, 40 * DAY) for _ in range(2000))
    write(kept, *(request(at) for at in times))
    for since in (90, 5000, 3 * HOUR + 7, 2 * DAY, 30 * DAY + 123):
        start = (AT - since) // MINUTE * MINUTE
        found = rows(kept, since=str(start), now=AT)
        assert sum(row["requests"] for row in found) == sum(at >= start for at in times), since
    question = read_question("model", str(AT - 30 * DAY - 90), None, None, now=AT)
    assert [grain for grain, _, _ in pieces(kept, question, AT)] == [MINUTE, HOUR, DAY]


def test_steps_are_rows_in_order(kept: UsageStore) -> None:
    write(kept, *(request(AT - 40 * MINUTE + minute * MINUTE) for minute in range(40)))
    found = rows(kept, since="40m", step="10m", now=AT)
    assert [row["requests"] for row in found] == [10, 10, 10, 10]
    assert [row["at"] for row in found] == sorted(row["at"] for row in found)


def test_cost_that_is_not_known_is_not_zero(kept: UsageStore) -> None:
    free, dear, unknown = (Series("a", name, "d", "p") for name in ("free", "dear", "unknown"))
    write(kept, Attempt(AT, free, 1.0, cost=0.0), Attempt(AT, dear, 1.0, cost=0.25), Attempt(AT, unknown, 1.0))
    write(kept, Attempt(AT, dear, 1.0), worker="w2")
    found = {row["model"]: (row["cost"], row["cost_unknown"]) for row in rows(kept)}
    assert found == {"free": (0.0, 0), "dear": (0.25, 1), "unknown": (None, 1)}


def test_failures_stand_by_class_and_apart_for_requests_and_attempts(kept: UsageStore) -> None:
    failed = [Attempt(AT, ONE, 0.1, failed="timeout"), Attempt(AT, ONE, 0.1, failed="upstream"), Attempt(AT, ONE, 0.1)]
    write(kept, *failed, request(), request(failed="auth"), NotCounted(AT, ONE))
    (row,) = rows(kept)
    assert (row["requests"], row["succeeded"], row["success_rate"], row["failed"]["auth"]) == (2, 1, 0.5, 1)
    assert (row["attempts"], row["attempts_failed"]["timeout"], row["attempts_failed"]["upstream"]) == (3, 1, 1)
    assert row["not_counted"] == 1


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"group_by": "modle"}, "cannot be grouped by `modle`"),
        ({"group_by": "model,model"}, "twice"),
        ({"start": "yesterday"}, "`from` is no time"),
        ({"start": "nan"}, "no time that anything"),
        ({"start": "1e30"}, "no time that anything"),
        ({"start": "1h", "end": "2h"}, "must lie before"),
        ({"step": "7s"}, "whole minutes"),
        ({"step": "-60"}, "whole minutes"),
        ({"step": "nan"}, "whole minutes"),
        ({"step": "inf"}, "whole minutes"),
        ({"start": "7d", "step": "minute"}, "too many"),
    ],
)
def test_what_cannot_be_answered_is_refused_in_plain_words(given: dict[str, str], words: str) -> None:
    full = {"group_by": "model", "start": None, "end": None, "step": None, **given}
    with pytest.raises(ModelctlError, match=words):
        read_question(full["group_by"], full["start"], full["end"], full["step"], now=AT)


def test_the_price_map_is_kept_with_each_hour_as_long_as_hours_are(kept: UsageStore) -> None:
    for days, name in ((0, "new"), (1, "old"), (1, "older"), (100, "gone")):
        made = Ledger()
        made.take([request(AT - days * DAY)])
        kept.write("w1", made.rows(), name)
    kept.age(AT, Retention())
    assert kept.price_maps(AT - 200 * DAY, AT + 1) == ["new", "old", "older"]
    assert kept.price_maps(AT - HOUR, AT + 1) == ["new"]


def test_many_sketches_add_up_without_running_over() -> None:
    drawn, total, expected = random.Random(3), bins.Sum(), dict[int, int]()
    for _ in range(600):
        one = {drawn.randrange(-5, 5) + key: drawn.choice((1, 255, 70_000)) for key in range(drawn.randrange(1, 40))}
        total.add(bins.pack(one))
        bins.merge(expected, one)
    assert total.bins() == total.bins() == expected
