"""The drills of a catalog: each provider in turn, or what is named."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from modelctl.cli import output
from modelctl.cli.built import built
from modelctl.cli.screen import screen
from modelctl.cli.sigterm import ended_in_order
from modelctl.plan.drill import Drill, providers, sent, think_through, with_answers
from modelctl.plan.drill_text import drill_text
from modelctl.project import Settings, environment
from modelctl.trial.environments import candidate
from modelctl.trial.outage import ask_while_down
from modelctl.trial.trial_config import of_catalog


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


def tried(settings: Settings, thought: Drill, wait: float) -> Drill:
    """The same drill with what a LiteLLM really answered: it boots aside, and no provider is called."""
    shown, python = screen(), candidate(sys.executable)
    try:
        with ended_in_order():
            asked = {sent(each): each.asked for each in thought.stands}
            answers = ask_while_down(
                of_catalog(settings), python, asked, thought.down, environ=environment(), say=shown.progress,
                patience=wait,
            )  # fmt: skip
    finally:
        shown.done()
    return with_answers(thought, {name: each.by if each.ok else None for name, each in answers.items()}, python.version)
