"""`# modelctl: ignore[rule-id] why`, on the line that is meant or the one above it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from modelctl.catalog.parse import Document
from modelctl.check.registry import RULES
from modelctl.errors import Problem

MARK = "modelctl: ignore"
FACTS = "facts"  # no rule: `modelctl facts` leaves the value alone
_COMMENT = re.compile(r"#\s*modelctl: ignore(?:\[([^\]]*)\])?[ \t]*(.*)$")


@dataclass(frozen=True)
class Suppression:
    """One comment, and the line whose problems it takes away."""

    file: str
    line: int
    column: int
    rules: tuple[str, ...]
    reason: str
    line_meant: int


def apply(problems: Iterable[Problem], documents: Iterable[Document]) -> list[Problem]:
    """The problems without those that a comment with a reason takes away, and what is wrong with the comments."""
    comments = [comment for document in marked(documents) for comment in _comments(document)]
    if not comments:
        return list(problems)
    meant: dict[tuple[str, int, str], list[Suppression]] = {}
    for comment in comments:
        for rule in comment.rules if comment.reason else ():
            meant.setdefault((comment.file, comment.line_meant, rule), []).append(comment)
    used: set[tuple[Suppression, str]] = set()
    shown = [problem for problem in problems if not _suppressed(problem, meant, used)]
    return [*shown, *(problem for comment in comments for problem in _judge(comment, used))]


def marked(documents: Iterable[Document]) -> list[Document]:
    """Those in which there is such a comment."""
    return [document for document in documents if MARK in document.text]


def lines_meant(document: Document, rule: str) -> frozenset[int]:
    """The lines for which a comment with a reason names this rule, or `facts`."""
    comments = _comments(document) if MARK in document.text else ()
    return frozenset(comment.line_meant for comment in comments if rule in comment.rules and comment.reason)


def _comments(document: Document) -> Iterator[Suppression]:
    lines = document.text.splitlines()
    below = _next_lines(lines)
    for number, line in enumerate(lines, 1):
        if MARK in line and (match := _COMMENT.search(line)):
            rules = tuple(rule.strip() for rule in (match[1] or "").split(",") if rule.strip())
            meant = number if line[: match.start()].strip() else below[number - 1]
            yield Suppression(document.label, number, match.start() + 1, rules, match[2].strip(), meant)


def _next_lines(lines: list[str]) -> list[int]:
    """For each line, the one below it that is no comment."""
    found, after = [0] * len(lines), len(lines) + 1
    for number in range(len(lines), 0, -1):
        found[number - 1] = after
        after = after if lines[number - 1].lstrip().startswith("#") else number
    return found


def _suppressed(
    problem: Problem, meant: Mapping[tuple[str, int, str], list[Suppression]], used: set[tuple[Suppression, str]]
) -> bool:
    rule = RULES.get(problem.rule)
    if not problem.line or rule is None or rule.fixed:
        return False
    matching = meant.get((problem.file, problem.line, problem.rule), ())
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
        if (comment, rule) in used or rule == FACTS:
            continue
        text = f"`{rule}` finds nothing here: the comment suppresses nothing"
        if rule not in RULES:
            text = f"there is no rule `{rule}`: the comment suppresses nothing"
        elif RULES[rule].fixed:
            text = f"`{rule}` cannot be suppressed: a file with it cannot be understood"
        yield Problem("unused-suppression", text, *place, severity="warning")
