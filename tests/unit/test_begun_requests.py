"""Requests whose answer began: each leaves once, by its end or because it is overdue."""

from __future__ import annotations

import threading

import pytest

from modelctl.hook import begun_requests
from modelctl.hook.begun_requests import LATE_S, BegunRequest, BegunRequests
from modelctl.usage.figures import Series

SERIES = Series("asked", "served", "d1", "openai")


def begun(at: float) -> BegunRequest:
    return BegunRequest(at, SERIES, retried=False)


def test_what_began_too_long_ago_is_overdue_once() -> None:
    open_ = BegunRequests()
    for number in range(3):
        open_.began(str(number), begun(number))
    assert open_.ended("1") == begun(1)
    assert open_.overdue(LATE_S) == []
    assert open_.overdue(LATE_S + 1.5) == [begun(0)]
    assert open_.overdue(LATE_S + 100) == [begun(2)]
    assert (open_.overdue(LATE_S + 100), open_.ended("2")) == ([], None)


def test_the_oldest_go_where_there_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(begun_requests, "MOST", 2)
    open_ = BegunRequests()
    for number in range(3):
        open_.began(str(number), begun(number))
    assert [open_.ended(str(number)) for number in range(3)] == [None, begun(1), begun(2)]


def test_a_request_leaves_once_though_two_threads_ask() -> None:
    open_, found = BegunRequests(), list[BegunRequest]()
    over = threading.Event()

    def ask() -> None:
        while not over.is_set():
            found.extend(open_.overdue(LATE_S + 1e6))

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        for number in range(20_000):
            open_.began(str(number), begun(number))
            if (ended := open_.ended(str(number))) is not None:
                found.append(ended)
    finally:
        over.set()
        asking.join()
    assert sorted(one.at for one in found) == list(range(20_000))
