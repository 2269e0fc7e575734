"""Who sees `error[RULE]` opens check/rules/RULE.py: its finder is there, or the name of the stage that finds it."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

from modelctl.check.registry import RULES

SOURCE = Path(__file__).parents[2] / "src"
HOMES = SOURCE / "modelctl" / "check" / "rules"
SAYS = re.compile(r"(?:\bProblem|\.problem|\b_add|\bnamed|\b_refusal|\bFinding|\bSecretFinding)\(\s*\"([a-z0-9-]+)\"")
OTHER_NAMES = {"importer", "trial"}  # what these find is not always a rule's


def home(rule: str) -> ModuleType:
    return import_module(f"modelctl.check.rules.{rule.replace('-', '_')}")


def emitters(rule: str) -> tuple[str, ...]:
    named: str | tuple[str, ...] = getattr(home(rule), "EMITTED_BY", ())
    return (named,) if isinstance(named, str) else named


def text_of(module: str) -> str:
    return (SOURCE / f"{module.replace('.', '/')}.py").read_text(encoding="utf-8")


@pytest.mark.parametrize("rule", RULES)
def test_the_stages_that_a_rule_names_emit_it(rule: str) -> None:
    assert {module: rule in SAYS.findall(text_of(module)) for module in emitters(rule)} == dict.fromkeys(
        emitters(rule), True
    )


def test_a_stage_that_emits_a_rule_is_named_there() -> None:
    stages = [path for path in SOURCE.rglob("*.py") if path.parent != HOMES]
    said = {
        (rule, ".".join(path.relative_to(SOURCE).with_suffix("").parts))
        for path in stages
        for rule in SAYS.findall(path.read_text(encoding="utf-8"))
        if rule in RULES or not OTHER_NAMES & set(path.parts)
    }
    assert len(said) > 40
    assert said == {(rule, module) for rule in RULES for module in emitters(rule)}


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_has_a_finder_or_names_who_emits_it(rule: str) -> None:
    found = RULES[rule]
    assert found.entries or found.models or found.documents or found.whole or emitters(rule)
