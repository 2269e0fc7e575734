"""Rules on a subject, and what settings and comments in the files make of what they find."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from modelctl.catalog.source import Document
from modelctl.errors import Problem
from modelctl.litellm_lines import since
from modelctl.rules import suppress
from modelctl.rules.registry import FINDERS, Find, Rule
from modelctl.rules.settings import Settings
from modelctl.rules.subject import Subject

MOST = 1000  # problems of one rule that are told of one by one
_REST = f"over {MOST:,} of these: the rest is not shown"


def of_entries(subject: Subject, only: Iterable[str] | None = None) -> list[Problem]:
    """What the rules on single deployments find."""
    return list(_found(subject, [(rule, rule.entries) for rule in _rules(subject, only) if rule.entries]))


def of_whole(subject: Subject, only: Iterable[str] | None = None) -> list[Problem]:
    """What the rules on everything together find."""
    return list(_found(subject, [(rule, rule.whole) for rule in _rules(subject, only) if rule.whole]))


def _rules(subject: Subject, only: Iterable[str] | None) -> Iterator[Rule]:
    for id_ in FINDERS if only is None else only:
        rule = FINDERS[id_]
        wanted = subject.kind in rule.inputs and subject.settings.severities.get(id_) != "off"
        if wanted and (rule.since is None or since(rule.since)):
            yield rule


def _found(subject: Subject, finders: list[tuple[Rule, Find]]) -> Iterator[Problem]:
    """What is written once and inherited by many deployments is one problem."""
    for rule, find in finders:
        seen: set[tuple[int, tuple[str | int, ...]]] = set()
        for found in find(subject):
            spot = found.spot
            if (key := (id(spot.document), spot.path)) not in seen:
                seen.add(key)
                if len(seen) > MOST:
                    yield Problem(rule.id, _REST, spot.document.label, severity=found.severity or rule.severity)
                    break
                yield spot.problem(rule.id, found.message, found.severity or rule.severity, found.hint)


def settled(problems: Iterable[Problem], documents: Iterable[Document], settings: Settings) -> list[Problem]:
    """As they are shown: each once, without the suppressed ones, with the settings' severities, by place."""
    found = suppress.apply(dict.fromkeys(problems), documents)
    levels = settings.severities
    if levels:
        found = [_leveled(problem, levels) for problem in found if levels.get(problem.rule) != "off"]
    return sorted(found, key=lambda problem: problem.order)


def _leveled(problem: Problem, levels: Mapping[str, str]) -> Problem:
    level: Any = levels.get(problem.rule, problem.severity)
    return problem if level == problem.severity else replace(problem, severity=level)
