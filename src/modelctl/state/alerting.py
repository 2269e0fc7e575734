"""Which alerts a webhook sends, and which it has sent already: pure decisions, no I/O."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from modelctl.errors import Problem
from modelctl.state import budgeting, guarding, routes
from modelctl.state.desired import DesiredState
from modelctl.state.selection import HistoryEntry

ACTORS = {guarding.ACTOR: "guard", budgeting.ACTOR: "budget"}
MOST_TEXT = 1000
_SILENT = re.compile(r"silent for \d+ s")  # other words every second


@dataclass(frozen=True, slots=True, order=True)
class Alert:
    """`about`: one of `terms.ABOUT`."""

    about: str
    text: str


@dataclass(frozen=True, slots=True)
class AlertsTold:
    """Moves up to a version of the head, and what stood last: it is told again only once it was over."""

    version: int
    standing: frozenset[Alert] = frozenset()


@dataclass(frozen=True, slots=True)
class AlertsLook:
    """What a webhook is told of, why it takes nothing (None: it does), how many were lost since the last it took."""

    about: tuple[str, ...]
    trouble: str | None
    lost: int


def news(
    told: AlertsTold, version: int, history: Iterable[HistoryEntry], standing: Iterable[Alert]
) -> tuple[AlertsTold, list[Alert]]:
    """`history`: newest first. Where the store counts from the beginning again, nothing of it is news."""
    since = min(told.version, version)
    moves = [_moved(entry) for entry in history if entry.version > since and entry.actor in ACTORS]
    now = frozenset(standing)
    return AlertsTold(version, now), [*reversed(moves), *sorted(now - told.standing)]


def _moved(entry: HistoryEntry) -> Alert:
    why = f": {entry.reason}" if entry.reason else ""
    return Alert(ACTORS[entry.actor], f"{entry.actor}: route `{entry.route}` {entry.before} -> {entry.after}{why}")


def standing(
    desired: DesiredState | None, noted: Sequence[tuple[str, Problem]], refusals: Sequence[Problem], today: date
) -> Iterator[Alert]:
    """The alerts that stand now. `noted`: the problems of guards and budgets, with their source."""
    yield from (Alert(ACTORS[who], problem.message) for who, problem in noted if who in ACTORS)
    yield from (Alert("nack", _SILENT.sub("silent", problem.message)) for problem in refusals)
    models = [model for provider in desired.providers for model in provider.models] if desired else []
    for problem in routes.warnings([model for model in models if model.rendered], today):
        hint = f"; {problem.hint}" if problem.hint else ""
        yield Alert("retirement", f"{problem.message}{hint}")


def message(alert: Alert, project: str) -> str:
    """One line as Slack shows it: what would be markup there is text."""
    text = " ".join(f"{project}: {alert.text}".split())[:MOST_TEXT]
    for sign, written in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        text = text.replace(sign, written)
    return text
