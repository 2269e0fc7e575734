"""What is said of the workers' answers: that a revision is live, and who refuses it, once each."""

from __future__ import annotations

from modelctl.service.model_index import Index
from modelctl.service.snapshot import Snapshot
from modelctl.service.worker_answers import WorkerAnswers, refusals
from modelctl.state.desired import DesiredState
from modelctl.state.selection import Head, Worker

WHY = "`org` (gpt): organization must be text"


def state(version: int, revision: str, *workers: tuple[int, str, str | None]) -> Snapshot:
    """`workers`: the version that each has dealt with, the revision that it runs, and its error."""
    made = [Worker(f"w{at}", at, "here", v, r, error=e) for at, (v, r, e) in enumerate(workers)]
    return Snapshot(Head(version, revision), Index(DesiredState({})), tuple(made), 0.0)


def test_a_refusal_is_said_at_once_and_once() -> None:
    hearing = WorkerAnswers()
    assert list(hearing.news(state(1, "a", (1, "a", None)))) == ["revision a is live on 1 of 1 worker"]
    assert list(hearing.news(state(2, "b", (1, "a", None)))) == []  # not yet answered
    (said,) = hearing.news(state(2, "b", (2, "a", WHY)))
    assert said == f"1 of 1 worker refuse revision b and go on with what they had: {WHY}"
    assert list(hearing.news(state(3, "b", (3, "a", WHY)))) == []  # a selection over it
    assert list(hearing.news(state(4, "c", (4, "c", None)))) == ["revision c is live on 1 of 1 worker"]


def test_nothing_is_live_while_one_refuses() -> None:
    hearing = WorkerAnswers()
    said = list(hearing.news(state(2, "b", (2, "b", None), (2, "a", WHY))))
    assert len(said) == 1
    assert WHY in said[0]
    assert list(hearing.news(state(2, "b", (2, "b", None), (2, "b", None)))) == ["revision b is live on 2 of 2 workers"]


def test_one_problem_for_each_reason() -> None:
    found = refusals(state(2, "b", (2, "a", WHY), (2, "a", WHY), (2, "a", "other"), (2, "b", None)))
    assert [(each.rule, each.message.split()[0]) for each in found] == [
        ("worker-refuses", "2"),
        ("worker-refuses", "1"),
    ]
    assert refusals(state(2, "b")) == []


def test_without_workers_nothing_is_claimed() -> None:
    assert list(WorkerAnswers().news(state(2, "b"))) == []
