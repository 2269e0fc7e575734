"""Problems of a config file: which of them are new, and how they stand in one line of the log."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from modelctl.errors import Problem

MOST = 5  # problems in one line of the log


def new_problems(problems: Iterable[Problem], tolerated: Iterable[Problem]) -> list[Problem]:
    """Those of `problems` that are not among the tolerated ones, wherever in the file these have moved to."""
    known = Counter(_identity(problem) for problem in tolerated)
    new = []
    for problem in problems:
        if known[_identity(problem)]:
            known[_identity(problem)] -= 1
        else:
            new.append(problem)
    return new


def on_one_line(problems: Iterable[Problem]) -> str:
    lines = as_lines(problems)
    more = f" | and {len(lines) - MOST} more" if len(lines) > MOST else ""
    return " | ".join(lines[:MOST]) + more


def as_lines(problems: Iterable[Problem]) -> list[str]:
    return [" ".join(str(problem).split()) for problem in problems]


def _identity(problem: Problem) -> tuple[str, str]:
    return problem.rule, re.sub(r"\S*:\d+:\d+", "", problem.message)
