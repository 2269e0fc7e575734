"""Events to count, as the event loop hands them to the thread that adds them up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from modelctl.usage.figures import Figures, Series


class Counted(Protocol):
    """`at`: UTC seconds."""

    @property
    def at(self) -> float: ...
    @property
    def series(self) -> Series: ...
    def book(self, figures: Figures) -> None: ...


@dataclass(frozen=True, slots=True)
class Attempt:
    """A provider was called. `failed` is the class of what went wrong; `cost` None where LiteLLM knows none."""

    at: float
    series: Series
    seconds: float
    failed: str | None = None
    tokens: Mapping[str, int] = field(default_factory=dict)
    cost: float | None = None
    first_token: float | None = None  # seconds; None where the answer was no stream
    parsed: Mapping[str, int] = field(default_factory=dict)  # by the names of `figures.PARSED`

    def book(self, figures: Figures) -> None:
        figures.add("attempts")
        figures.took("attempt", self.seconds)
        if self.failed:
            figures.add(f"attempts_{self.failed}")
        for name, count in (*self.tokens.items(), *self.parsed.items()):
            figures.add(name, count)
        if self.cost is not None:
            figures.add("cost", self.cost)
        elif not self.failed:
            figures.add("cost_unknown")
        if self.first_token is not None:
            figures.add("streams")
            figures.took("first_token", self.first_token)


@dataclass(frozen=True, slots=True)
class Request:
    """A client's request came to its end. `cached`: LiteLLM answered from its cache; `closed`: the client
    left before the end."""

    at: float
    series: Series
    seconds: float | None
    failed: str | None = None
    cached: bool = False
    closed: bool = False

    def book(self, figures: Figures) -> None:
        figures.add("requests")
        if self.seconds is not None:
            figures.took("request", self.seconds)
        if self.failed:
            figures.add(f"failed_{self.failed}")
        if self.cached:
            figures.add("cached")
        if self.closed:
            figures.add("closed")


@dataclass(frozen=True, slots=True)
class NotCounted:
    """LiteLLM began a request and never reported its end."""

    at: float
    series: Series

    def book(self, figures: Figures) -> None:
        figures.add("not_counted")
