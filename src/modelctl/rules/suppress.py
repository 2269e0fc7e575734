"""`# modelctl: ignore[rule-id] why`, on the line that is meant or the one above it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from modelctl.catalog.source import Document
from modelctl.errors import Problem
from modelctl.rules.registry import RULES

MARK = "modelctl: ignore"
_COMMENT = re.compile(r"#\s*modelctl: ignore(?:\[([^\]]*)\])?[ \t]*(.*)$")


@dataclass(frozen=True)
class Suppression:
    """One comment. `lines` are those whose problems it takes away."""

    file: str
    line: int
    column: int
    rules: tuple[str, ...]
    reason: str
    lines: tuple[int, ...]


def apply(problems: Iterable[Problem], documents: Iterable[Document]) -> list[Problem]:
    """The problems without those that a comment with a reason takes away, and what is wrong with the comments."""
    comments = [comment for document in documents if MARK in document.text for comment in _comments(document)]
    if not comments:
        return list(problems)
    used: set[tuple[Suppression, str]] = set()
    kept = [problem for problem in problems if not _suppressed(problem, comments, used)]
    return [*kept, *(problem for comment in comments for problem in _judge(comment, used))]


def _comments(document: Document) -> Iterator[Suppression]:
    lines = document.text.splitlines()
    for number, line in enumerate(lines, 1):
        if MARK in line and (found := _COMMENT.search(line)):
            rules = tuple(rule.strip() for rule in (found[1] or "").split(",") if rule.strip())
            meant = (number,) if line[: found.start()].strip() else (_next(lines, number),)
            yield Suppression(document.label, number, found.start() + 1, rules, found[2].strip(), meant)


def _next(lines: list[str], number: int) -> int:
    """The line below that is no comment."""
    while number < len(lines) and lines[number].lstrip().startswith("#"):
        number += 1
    return number + 1


def _suppressed(problem: Problem, comments: list[Suppression], used: set[tuple[Suppression, str]]) -> bool:
    rule = RULES.get(problem.rule)
    if not problem.line or rule is None or rule.fixed:
        return False
    matching = [
        one for one in comments
        if problem.rule in one.rules and one.file == problem.file and problem.line in one.lines and one.reason
    ]  # fmt: skip
    used.update((one, problem.rule) for one in matching)
    return bool(matching)


def _judge(comment: Suppression, used: set[tuple[Suppression, str]]) -> Iterator[Problem]:
    place = (comment.file, comment.line, comment.column)
    if not comment.rules or not comment.reason:
        missing = "which rule it is about" if not comment.rules else "why"
        hint = "# modelctl: ignore[rule-id] the reason"
        text = f"this comment does not say {missing}, so it suppresses nothing"
        yield Problem("bad-suppression", text, *place, severity="warning", hint=hint)
        return
    for rule in comment.rules:
        if (comment, rule) in used:
            continue
        text = f"`{rule}` finds nothing here: the comment suppresses nothing"
        if rule not in RULES:
            text = f"there is no rule `{rule}`: the comment suppresses nothing"
        elif RULES[rule].fixed:
            text = f"`{rule}` cannot be suppressed: a file with it cannot be understood"
        yield Problem("unused-suppression", text, *place, severity="warning")
