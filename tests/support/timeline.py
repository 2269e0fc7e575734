"""What should have answered when: proves that no answer came from the wrong model, or from two."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from support.load import Sample

PIECE = re.compile(r"model=[^\s;]+ key=[^\s;]+;")


@dataclass
class Span:
    """`words` could be heard from `begins` (the change that brought them was being made) until `ends` (the
    next change was on every worker). Epoch seconds."""

    words: str
    begins: float
    ends: float = float("inf")


class Timeline:
    def __init__(self, words: str) -> None:
        self.spans = [Span(words, 0.0)]

    @contextmanager
    def change(self, words: str) -> Iterator[None]:
        """Around the code that makes `words` the right answer and waits until every worker gives it."""
        span = Span(words, time.time())
        yield
        self.spans[-1].ends = time.time()
        self.spans.append(span)

    def right(self, sample: Sample) -> set[str]:
        """Everything that was right at some moment while the sample was asked and answered."""
        return {span.words for span in self.spans if span.begins <= sample.ended and sample.began <= span.ends}


def mixed(samples: Iterable[Sample]) -> list[Sample]:
    """Answers whose pieces are not all the same, or that are something else entirely."""
    return [each for each in samples if each.ok and len(_voices(each.text)) != 1]


def wrong(samples: Iterable[Sample], timeline: Timeline) -> list[Sample]:
    """Whole answers from a model (or with a key) that was not right at any moment of theirs."""
    return [each for each in samples if each.ok and not _voices(each.text) & timeline.right(each)]


def _voices(text: str) -> set[str]:
    """The different pieces; none when the text is not made of pieces alone."""
    pieces = PIECE.findall(text)
    return set(pieces) if "".join(pieces) == text else set()
