"""What a service is given to build with, and what a write leads to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from modelctl.errors import Problem
from modelctl.service.selecting import SelectionChange
from modelctl.state.desired import DesiredState
from modelctl.state.selection import Head


class Built(Protocol):
    @property
    def problems(self) -> list[Problem]: ...
    @property
    def desired(self) -> DesiredState | None: ...


class Builds(Protocol):
    """What the pipeline's Builder is to us."""

    def build(self) -> Built: ...


@dataclass(frozen=True)
class WriteOutcome:
    """A write that is durable: the new head and what led to it."""

    head: Head
    step: SelectionChange
