"""Rules on a subject, and what settings and comments in the files make of what they find."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from modelctl.catalog.parse import Document
from modelctl.check import suppress
from modelctl.check.entry import Entry
from modelctl.check.found import Found
from modelctl.check.policy import Policy
from modelctl.check.registry import FINDERS, Find, Rule
from modelctl.check.subject import Subject
from modelctl.errors import Problem
from modelctl.litellm_spec.supported_lines import since

MOST = 1000  # problems of one rule that are told of one by one
_REST = f"over {MOST:,} of these: the rest is not shown"


Told = list[tuple[Rule, list[Found]]]
Known = dict[Entry, Told]
"""What was found in each entry."""


def of_entries(subject: Subject, only: Iterable[str] | None = None) -> list[Problem]:
    """What the rules on single deployments find."""
    return list(_problems(_in_entries(subject, _on_entries(subject, only))))


def of_each_entry(
    subject: Subject, known: Known | None, only: Iterable[str] | None = None
) -> tuple[list[Problem], Known]:
    """The same, with what was found in each entry, for the next time; entries that are `known` are not looked at.

    Without `known` (the first time) nobody asks which entry a problem is of: most subjects are looked at once.
    """
    rules = _on_entries(subject, only)
    if known is None:
        told = _in_entries(subject, rules)
        return list(_problems(told)), {} if told else {entry: [] for entry in subject.entries}
    new = _by_entry(subject, [entry for entry in subject.entries if entry not in known], rules)
    by_entry = {entry: known[entry] if entry in known else new[entry] for entry in subject.entries}
    return list(_problems(_by_rule(by_entry.values()))), by_entry


def _on_entries(subject: Subject, only: Iterable[str] | None) -> list[tuple[Rule, Find]]:
    return [(rule, rule.entries) for rule in _rules(subject, only) if rule.entries]


def _in_entries(subject: Subject, rules: list[tuple[Rule, Find]]) -> Told:
    return [(rule, found) for rule, find in rules if (found := list(find(subject)))]


def _by_entry(subject: Subject, entries: Sequence[Entry], rules: list[tuple[Rule, Find]]) -> Known:
    """All at once, and halves only where something is found: most entries are as they should be."""
    told = _in_entries(replace(subject, entries=entries), rules) if entries else []
    if not told or len(entries) == 1:
        return dict.fromkeys(entries, told)
    half = len(entries) // 2
    return {**_by_entry(subject, entries[:half], rules), **_by_entry(subject, entries[half:], rules)}


def _by_rule(told: Iterable[Told]) -> Told:
    found: dict[str, tuple[Rule, list[Found]]] = {}
    for each in told:
        for rule, ours in each:
            found.setdefault(rule.id, (rule, []))[1].extend(ours)
    return list(found.values())


def of_whole(subject: Subject, only: Iterable[str] | None = None) -> list[Problem]:
    """What the rules on everything together find."""
    return list(_problems((rule, rule.whole(subject)) for rule in _rules(subject, only) if rule.whole))


def _rules(subject: Subject, only: Iterable[str] | None) -> Iterator[Rule]:
    for id_ in FINDERS if only is None else only:
        rule = FINDERS[id_]
        wanted = subject.kind in rule.inputs and subject.settings.severities.get(id_) != "off"
        if wanted and (rule.since is None or since(rule.since)):
            yield rule


def _problems(told: Iterable[tuple[Rule, Iterable[Found]]]) -> Iterator[Problem]:
    """What is written once and inherited by many deployments is one problem."""
    for rule, every in told:
        seen: set[tuple[int, tuple[str | int, ...]]] = set()
        once: set[str] = set()
        for found in every:
            spot = found.spot
            if found.once in once:
                continue
            if found.once is not None:
                once.add(found.once)
            if (key := (id(spot.document), spot.path)) not in seen:
                seen.add(key)
                if len(seen) > MOST:
                    yield Problem(rule.id, _REST, spot.document.label, severity=found.severity or rule.severity)
                    break
                yield spot.problem(rule.id, found.message, found.severity or rule.severity, found.hint)


def settled(problems: Iterable[Problem], documents: Iterable[Document], settings: Policy) -> list[Problem]:
    """As they are shown: each once, without the suppressed ones, with the settings' severities, by place."""
    found = suppress.apply(dict.fromkeys(problems), documents)
    levels = settings.severities
    if levels:
        found = [_leveled(problem, levels) for problem in found if levels.get(problem.rule) != "off"]
    return sorted(found, key=lambda problem: problem.order)


def _leveled(problem: Problem, levels: Mapping[str, str]) -> Problem:
    level: Any = levels.get(problem.rule, problem.severity)
    return problem if level == problem.severity else replace(problem, severity=level)
