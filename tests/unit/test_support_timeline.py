"""The judge of the load test: it must see what it is there to see."""

from __future__ import annotations

from support.load import Sample
from support.timeline import Span, Timeline, mixed, wrong

A, B = "model=a key=1;", "model=b key=2;"


def sample(text: str, began: float, ended: float) -> Sample:
    return Sample("url", False, began, ended, 200, text, True)


def timeline() -> Timeline:
    """A until the change that lasted from 10 to 11, then B."""
    line = Timeline(A)
    line.spans = [Span(A, 0, 11), Span(B, 10)]
    return line


def test_answer_of_the_model_before_the_change_is_wrong_after_it() -> None:
    assert wrong([sample(A, 11.5, 12)], timeline())
    assert not wrong([sample(A, 10.5, 12)], timeline())


def test_answer_of_the_model_after_the_change_is_wrong_before_it() -> None:
    assert wrong([sample(B, 8, 9)], timeline())
    assert not wrong([sample(B, 8, 10.5)], timeline())


def test_answer_in_two_voices_is_mixed() -> None:
    assert mixed([sample(A + B, 0, 1)])
    assert mixed([sample("something else", 0, 1), sample(A + "tail", 0, 1)])
    assert not mixed([sample(A + A, 0, 1)])
