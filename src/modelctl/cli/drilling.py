"""The drills of a catalog: each provider in turn, or what is named."""

from __future__ import annotations

from collections.abc import Sequence

from modelctl.cli import output
from modelctl.cli.built import built
from modelctl.plan.drill import Drill, providers, think_through
from modelctl.plan.drill_text import drill_text
from modelctl.project import Settings


def drills(settings: Settings, down: Sequence[str] = ()) -> list[Drill]:
    """Raises CheckFailed for a catalog with errors, NotFound for a name that is none."""
    desired = built(settings).sound("the catalog has errors, so there is nothing to drill")
    return [think_through(desired, named) for named in ([down] if down else [[each] for each in providers(desired)])]


def say_silent(settings: Settings, *, quiet: bool) -> bool:
    """For `check --drill`: whether a route is left without an answer; says which, and those drills alone."""
    silent = [each for each in drills(settings) if each.silent]
    if not quiet:
        output.out("\n\n".join(map(drill_text, silent)) or "every route answers while one provider is down")
    else:
        for each in silent:
            output.say(drill_text(each))
    return bool(silent)
