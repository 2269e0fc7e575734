"""Every rule, on its examples (see support/rule_cases.py)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from modelctl.check.registry import RULES
from support.rule_cases import Case, cases

NO_FILE = {"file-too-large", "unreadable-folder", "unknown-environment"}  # no small file can show these


@pytest.mark.parametrize("case", cases("fail"), ids=lambda case: f"{case.rule}-{case.path.stem}")
def test_fail(case: Case, tmp_path: Path) -> None:
    problems = case.problems(tmp_path)
    found = [(one.line, one.column, one.severity) for one in problems if one.rule == case.rule]
    if os.environ.get("MODELCTL_GOLDEN") == "write":
        case.expect(found)
    assert case.expected, "the first line says where: # expect: LINE:COLUMN SEVERITY"
    assert found == case.expected, "\n".join(map(str, problems))


@pytest.mark.parametrize("case", cases("pass"), ids=lambda case: f"{case.rule}-{case.path.stem}")
def test_pass(case: Case, tmp_path: Path) -> None:
    problems = case.problems(tmp_path)
    assert [one for one in problems if one.rule == case.rule or one.severity == "error"] == []


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_every_rule_has_examples_of_each_input(rule) -> None:  # type: ignore[no-untyped-def]
    for outcome in ("pass", "fail") if rule.id not in NO_FILE else ():
        kinds = {case.kind for case in cases(outcome) if case.rule == rule.id}
        assert kinds == set(rule.inputs), f"tests/rules/{rule.id}/{outcome}/ is for {kinds or 'nothing'}"


def test_examples_are_of_rules() -> None:
    told = {rule.id for rule in RULES.values() if rule.inputs} - NO_FILE
    assert {case.rule for case in (*cases("pass"), *cases("fail"))} == told
