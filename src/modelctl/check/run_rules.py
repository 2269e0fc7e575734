"""Runs rules on a subject, then applies the policy and the comments that suppress findings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from modelctl.catalog.parse import Document
from modelctl.check import suppress
from modelctl.check.found import Found
from modelctl.check.policy import Policy
from modelctl.check.registry import Find, LooksAt, Rule, finders
from modelctl.check.subject import Subject
from modelctl.errors import Problem
from modelctl.litellm_spec.supported_lines import since

MOST = 1000  # problems of one rule that are shown
_REST = f"over {MOST:,} of these: the rest is not shown"


Item = Any  # an entry, or a model or file of a catalog: what rules look at one by one
Finders = Sequence[tuple[Rule, Find]]
Findings = list[tuple[Rule, list[Found]]]
_ByItem = dict[Item, Findings]
Known = dict[LooksAt, _ByItem]
"""What was found in each entry, model and file."""
_SINGLE: tuple[LooksAt, ...] = ("entries", "models", "documents")


def of_items(subject: Subject, only: tuple[str, ...] | None = None) -> list[Problem]:
    """What the rules on single entries, models and files find."""
    findings = (_in_items(subject, _rules(subject, single, only)) for single in _SINGLE if getattr(subject, single))
    return [problem for found in findings for problem in _problems(found)]


def of_each_item(
    subject: Subject, known: Known | None, only: tuple[str, ...] | None = None
) -> tuple[list[Problem], Known]:
    """The problems, and the findings by item for the next build; rules do not look at items that are `known` again.

    Without `known` (in the first build) findings are not sorted by item, since most subjects are checked once.
    """
    problems, now = list[Problem](), Known()
    for single in _SINGLE:
        if getattr(subject, single):
            before = None if known is None else known.get(single, {})
            findings, now[single] = _of_kind(subject, single, before, _rules(subject, single, only))
            problems += _problems(findings)
    return problems, now


def _of_kind(subject: Subject, single: LooksAt, known: _ByItem | None, rules: Finders) -> tuple[Findings, _ByItem]:
    items: Sequence[Item] = getattr(subject, single)
    if known is None:
        findings = _in_items(subject, rules)
        return findings, {} if findings else dict.fromkeys(items, findings)
    new = _by_item(subject, single, [item for item in items if item not in known], rules)
    now = {item: known[item] if item in known else new[item] for item in items}
    return _by_rule(findings for findings in now.values() if findings), now


def _in_items(subject: Subject, rules: Finders) -> Findings:
    return [(rule, found) for rule, find in rules if (found := list(find(subject)))]


def _by_item(subject: Subject, single: LooksAt, items: Sequence[Item], rules: Finders) -> _ByItem:
    """Checks all items at once, and halves of them only where something is found: most items have no problem."""
    some: dict[str, Any] = {single: items}
    findings = _in_items(replace(subject, **some), rules) if items else []
    if not findings or len(items) == 1:
        return dict.fromkeys(items, findings)
    half = len(items) // 2
    return {**_by_item(subject, single, items[:half], rules), **_by_item(subject, single, items[half:], rules)}


def _by_rule(findings: Iterable[Findings]) -> Findings:
    found: dict[str, tuple[Rule, list[Found]]] = {}
    for each in findings:
        for rule, ours in each:
            found.setdefault(rule.id, (rule, []))[1].extend(ours)
    return list(found.values())


def of_whole(subject: Subject, only: tuple[str, ...] | None = None) -> list[Problem]:
    """What the rules on everything together find."""
    return list(_problems((rule, find(subject)) for rule, find in _rules(subject, "whole", only)))


def _rules(subject: Subject, looks_at: LooksAt, only: tuple[str, ...] | None) -> Finders:
    levels, rules = subject.settings.severities, finders(subject.kind, looks_at, only)
    return [
        (rule, find) for rule, find in rules if levels.get(rule.id) != "off" and (not rule.since or since(rule.since))
    ]


def _problems(findings: Iterable[tuple[Rule, Iterable[Found]]]) -> Iterator[Problem]:
    """A value that many deployments inherit from one place is one problem."""
    for rule, every in findings:
        seen: set[tuple[int, tuple[str | int, ...], str | None]] = set()
        once: set[str] = set()
        for found in every:
            spot = found.spot
            if found.once in once:
                continue
            if found.once is not None:
                once.add(found.once)
            if (key := (id(spot.document), spot.path, found.message if found.beside else None)) not in seen:
                seen.add(key)
                if len(seen) > MOST:
                    yield Problem(rule.id, _REST, spot.document.label, severity=found.severity or rule.severity)
                    break
                yield spot.problem(rule.id, found.message, found.severity or rule.severity, found.hint)


def settled(problems: Iterable[Problem], documents: Iterable[Document], settings: Policy) -> list[Problem]:
    """The problems to show: no duplicates, none that is suppressed, with the policy's severities, sorted by place."""
    found = suppress.apply(dict.fromkeys(problems), documents)
    levels = settings.severities
    if levels:
        found = [_leveled(problem, levels) for problem in found if levels.get(problem.rule) != "off"]
    return sorted(found, key=lambda problem: problem.order)


def _leveled(problem: Problem, levels: Mapping[str, str]) -> Problem:
    level: Any = levels.get(problem.rule, problem.severity)
    return problem if level == problem.severity else replace(problem, severity=level)
