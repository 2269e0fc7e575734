"""The figures of a series in a period. Requests and attempts are counted apart: a request may take three attempts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from modelctl.usage import bins
from modelctl.usage.bins import Bins

CLASSES = ("rate_limit", "timeout", "auth", "bad_request", "upstream", "other")  # why something failed
TOKENS = ("prompt_tokens", "completion_tokens", "cached_read_tokens", "cache_creation_tokens", "reasoning_tokens")
PARSED = (
    "tool_calls",  # that an answer asked for
    "tool_calls_invalid",  # whose arguments are no JSON
    "json_answers",  # answers that were to be JSON
    "json_answers_invalid",  # and are not
)
COUNTS = (
    "requests",  # that ended, with or without an answer
    *(f"failed_{failure}" for failure in CLASSES),  # requests without an answer
    "cached",  # requests answered by LiteLLM's cache, without an attempt
    "closed",  # requests whose client left before the end
    "attempts",  # calls of a provider
    *(f"attempts_{failure}" for failure in CLASSES),  # attempts that failed
    "streams",  # attempts that streamed their answer
    *TOKENS,
    "cost_unknown",  # attempts whose cost LiteLLM does not know
    "not_counted",  # requests whose end LiteLLM never reported
    *PARSED,
)
SUMS = ("cost", "request_seconds", "attempt_seconds", "first_token_seconds")
SKETCHES = ("request_bins", "attempt_bins", "first_token_bins")
FIELDS = (*COUNTS, *SUMS, *SKETCHES)


@dataclass(frozen=True, slots=True, order=True)
class Series:
    """`route`: the name that was asked for; `model`: the public name that served; `provider`: as LiteLLM names it.

    `tag`: what the request says of itself under the one tag that is looked for; empty where none is.
    """

    route: str
    model: str
    deployment: str
    provider: str
    tag: str = ""


@dataclass(slots=True)
class Figures:
    """Seconds and USD are floats, the rest whole numbers."""

    numbers: dict[str, float] = field(default_factory=dict)
    request_bins: Bins = field(default_factory=dict)
    attempt_bins: Bins = field(default_factory=dict)
    first_token_bins: Bins = field(default_factory=dict)

    def add(self, name: str, value: float = 1) -> None:
        self.numbers[name] = self.numbers.get(name, 0) + value

    def took(self, what: str, seconds: float) -> None:
        """`what`: request, attempt, first_token."""
        seconds = max(seconds, 0.0)
        self.add(f"{what}_seconds", seconds)
        bins.add(getattr(self, f"{what}_bins"), seconds)

    def values(self) -> list[Any]:
        """In the order of FIELDS, as the store keeps them."""
        packed = [bins.pack(getattr(self, name)) for name in SKETCHES]
        return [self.numbers.get(name, 0) for name in (*COUNTS, *SUMS)] + packed

    @classmethod
    def of(cls, numbers: Iterable[float], sketches: Iterable[Bins]) -> Figures:
        """In the order of COUNTS and SUMS, and of SKETCHES."""
        named = zip((*COUNTS, *SUMS), numbers, strict=True)
        return cls({name: value for name, value in named if value}, *sketches)

    def merge(self, other: Figures) -> None:
        for name, value in other.numbers.items():
            self.add(name, value)
        for name in SKETCHES:
            bins.merge(getattr(self, name), getattr(other, name))

    def since(self, before: Figures) -> Figures:
        """What was added to `before`, which only grew."""
        numbers = {name: value - before[name] for name, value in self.numbers.items() if value > before[name]}
        return Figures(numbers, *(bins.since(getattr(self, name), getattr(before, name)) for name in SKETCHES))

    def __getitem__(self, name: str) -> float:
        return self.numbers.get(name, 0)


def failed(figures: Figures, prefix: str = "failed_") -> Mapping[str, int]:
    """Failure class -> number of failed requests; of attempts with the prefix `attempts_`."""
    return {failure: int(figures[prefix + failure]) for failure in CLASSES}
