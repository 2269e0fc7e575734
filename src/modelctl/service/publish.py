"""From a build to the published revision: what may go live by itself, and what needs a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from modelctl.errors import Problem

Verdict = Literal["published", "unchanged", "refused", "held"]


@dataclass(frozen=True)
class Outcome:
    """What became of one build: `refused` for errors or the removal guard, `held` in manual mode."""

    verdict: Verdict
    revision: str | None  # the one that is live afterwards
    problems: tuple[Problem, ...] = ()
