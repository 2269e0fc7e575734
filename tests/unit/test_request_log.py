"""What is kept of requests: bounded in memory and on disk, in whatever order LiteLLM tells of them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from modelctl.hook import request_log
from modelctl.hook.request_log import MOST_OPEN, MOST_TRIED, RequestLog
from modelctl.service.explained_request import explained, unknown
from modelctl.state.request_record import RequestOrigin, RequestRecord, TriedCall
from modelctl.state.selection import HistoryEntry
from modelctl.store.request_store import LONGEST_S, RequestStore, requests_kept

GIT = RequestOrigin("w", "rev", "active", "fast", "git")


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[RequestStore]:
    store = RequestStore(tmp_path, keep=5)
    yield store
    store.close()


@pytest.fixture
def log(kept: RequestStore, monkeypatch: pytest.MonkeyPatch) -> RequestLog:
    monkeypatch.setattr(request_log, "SETTLE_S", 0.0)
    return RequestLog(kept, lambda asked: GIT)


def record(id_: str, at: float | None = None, **more: object) -> RequestRecord:
    fields = {"asked": "active", "origin": GIT, "outcome": "answered", **more}
    return RequestRecord(id_, time.time() if at is None else at, **fields)  # type: ignore[arg-type]


def tried(model: str = "fast", failed: str | None = None) -> TriedCall:
    return TriedCall(model, f"id-{model}", "openai", 0.5, failed, "RateLimitError" if failed else None)


def test_the_order_of_the_events_does_not_matter(log: RequestLog, kept: RequestStore) -> None:
    now = time.time()
    log.tried("a", tried(failed="rate_limit"))
    log.ended("a", now, "active", "answered", response="r-a", seconds=1.5)
    log.began("a", RequestOrigin("w", "rev", "active", "slow", "run-time", "ada", "cheaper", now))
    log.tried("a", tried("slow"))
    log.write(now)
    found = kept.find("a")
    assert found is not None
    assert found == kept.find("r-a")
    assert ([one.model for one in found.tried], found.origin.actor) == (["fast", "slow"], "ada")
    assert (found.seconds, found.outcome) == (1.5, "answered")


def test_the_last_word_on_a_request_counts_and_it_is_written_once(log: RequestLog, kept: RequestStore) -> None:
    log.ended("a", time.time(), "active", "answered")
    log.ended("a", time.time(), "active", "failed", failed="timeout")
    log.write(time.time())
    log.write(time.time())
    found = kept.find("a")
    assert found is not None
    assert (found.outcome, found.failed) == ("failed", "timeout")


def test_calls_and_open_requests_are_bounded(log: RequestLog, kept: RequestStore) -> None:
    for _ in range(MOST_TRIED + 3):
        log.tried("a", tried(failed="timeout"))
    log.ended("a", time.time(), "active", "failed", failed="timeout")
    for number in range(MOST_OPEN + 10):
        log.began(str(number), GIT)
    assert len(log._open) == MOST_OPEN
    log.write(time.time())
    found = kept.find("a")
    assert found is not None
    assert (len(found.tried), found.more) == (MOST_TRIED, 3)


def test_a_file_that_cannot_be_written_loses_nothing_that_fits(
    log: RequestLog, kept: RequestStore, tmp_path: Path
) -> None:
    (tmp_path / "requests.db").mkdir()
    log.ended("a", time.time(), "active", "answered")
    log.write(time.time())
    (tmp_path / "requests.db").rmdir()
    log.write(time.time())
    assert kept.find("a") is not None


def test_only_so_many_are_kept_and_for_so_long(kept: RequestStore, tmp_path: Path) -> None:
    now = time.time()
    kept.write([record(str(number), now) for number in range(8)], now)
    assert [kept.find(str(number)) is not None for number in range(8)] == [False] * 3 + [True] * 5
    other = RequestStore(tmp_path, keep=5)
    other.write([record("late", now)], now + LONGEST_S + 1)
    assert other.find("late") is None
    assert other.oldest() is None
    other.close()


def test_a_file_that_is_deleted_is_made_anew(kept: RequestStore, tmp_path: Path) -> None:
    kept.write([record("a")], time.time())
    for path in tmp_path.glob("requests.db*"):
        path.unlink()
    assert kept.find("a") is None
    kept.write([record("b")], time.time())
    assert kept.find("b") is not None


def test_the_setting_is_read_with_sense() -> None:
    given = {"5": 5, "0": 0, "-3": 0, "many": 20_000, "": 20_000}
    assert {text: requests_kept({"MODELCTL_REQUESTS_KEPT": text}) for text in given} == given


def test_sentences_tell_whose_choice_it_was() -> None:
    guard = RequestOrigin("w", "rev", "active", "slow", "guard", "guard", "3 of 4 calls failed", 0.0, left="fast")
    spent = RequestOrigin("w", "rev", "batch", "slow", "budget", "budget", None, 0.0)
    dealt = RequestOrigin("w", "rev", "active", "slow", "run-time", "ada", None, 0.0, dealt=True)
    said = {one.source or "": explained(record("a", 0.0, origin=one), [])["says"][1] for one in (guard, spent, dealt)}
    assert said["guard"].endswith("its guard left fast 1970-01-01T00:00:00Z, 3 of 4 calls failed")
    assert said["budget"] == "route batch pointed to slow: a budget was spent 1970-01-01T00:00:00Z"
    assert "the arm that it got of the split that ada set" in said["run-time"]


def test_sentences_tell_retries_fallbacks_and_what_answered() -> None:
    calls = (tried(failed="rate_limit"), tried(failed="rate_limit"), tried("slow"))
    published = HistoryEntry("publish", 0.0, "catalog", revision="rev")
    found = explained(record("a", 0.0, tried=calls, seconds=2.0, more=1), [published])
    assert found["says"] == [
        "1970-01-01T00:00:00Z: active was asked for; slow (openai) answered after 2.00 s",
        "route active pointed to fast: so the catalog says",
        "call 1: fast by openai failed, rate_limit (RateLimitError), after 0.50 s",
        "call 2: fast by openai (retry) failed, rate_limit (RateLimitError), after 0.50 s",
        "call 3: slow by openai (fallback from fast) answered after 0.50 s",
        "1 more calls, which are not kept",
        "revision rev, published 1970-01-01T00:00:00Z by catalog",
        "worker w",
    ]
    cached = explained(record("a", 0.0, outcome="cached"), [])
    assert cached["says"][0].endswith("LiteLLM's cache answered")
    assert cached["published"] is None


def test_an_unknown_id_is_answered_with_how_far_back_ids_go() -> None:
    assert "the oldest that is kept came 45 min ago" in unknown("x", 100.0, 2800.0).message
    assert "none is kept now" in unknown("x", None, 0.0).message
    assert len(unknown("x" * 500, None, 0.0).message) < 300
