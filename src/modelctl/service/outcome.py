"""What a build or a write leads to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from modelctl.errors import Problem
from modelctl.service.block_requests import BlockChange
from modelctl.service.selecting import SelectionChange
from modelctl.state.selection import Head

Verdict = Literal["published", "unchanged", "refused", "held"]


@dataclass(frozen=True)
class Outcome:
    """What became of one build: `refused` for errors or the removal guard, `held` in manual mode."""

    verdict: Verdict
    revision: str | None  # the one that is live afterwards
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class WriteOutcome:
    """A write that is durable: the new head and what led to it."""

    head: Head
    step: SelectionChange


@dataclass(frozen=True)
class BlockOutcome:
    """A block that was set or lifted: the new head and what led to it."""

    head: Head
    step: BlockChange
