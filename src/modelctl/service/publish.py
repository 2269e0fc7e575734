"""From a build to the published revision: what may go live by itself, and what needs a person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from modelctl.desired import DesiredState, Provider
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
    removed = sum(_removed(before, after))
    if not removed:
        return None
    had = sum(len(_rendered(each)) for each in before.providers)
    if removed <= MOST_REMOVED * had or (removed == 1 and after.deployments):
        return None
    return Problem(
        "many-removals",
        f"this removes {removed} of {had} models ({removed / had:.0%}), so it was not published",
        hint=command,
    )


def _removed(before: DesiredState, after: DesiredState) -> Iterator[int]:
    """How many rendered models each provider lost; those that stayed as they were are not looked into."""
    now = {each.id: each for each in after.providers}
    for each in before.providers:
        one = now.get(each.id)
        if one is None or one.digest != each.digest:
            yield len(_rendered(each) - (_rendered(one) if one else set()))


def _rendered(provider: Provider) -> set[str]:
    return {model.id for model in provider.models if model.rendered}
