"""From a build to the published revision: what may go live by itself, and what needs a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from modelctl.desired import DesiredState
from modelctl.errors import Problem

MOST_REMOVED = 0.30

Verdict = Literal["published", "unchanged", "refused", "held"]


@dataclass(frozen=True)
class Outcome:
    """What became of one build: `refused` for errors or the removal guard, `held` in manual mode."""

    verdict: Verdict
    revision: str | None  # the one that is live afterwards
    problems: tuple[Problem, ...] = ()


def removal_guard(before: DesiredState | None, after: DesiredState, command: str) -> Problem | None:
    """A problem when too much would vanish at once: a half-copied folder looks just like that.

    One model alone is never too much, unless it is the last one.
    """
    if before is None:
        return None
    had, has = _rendered(before), _rendered(after)
    removed = had - has
    if len(removed) <= MOST_REMOVED * len(had) or (len(removed) == 1 and has):
        return None
    return Problem(
        "many-removals",
        f"this removes {len(removed)} of {len(had)} models ({len(removed) / len(had):.0%}), so it was not published",
        hint=command,
    )


def _rendered(desired: DesiredState) -> set[tuple[str, str]]:
    return {(each.id, model.id) for each in desired.providers for model in each.models if model.rendered}
