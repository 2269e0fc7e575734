"""docs/rules is what the rules say, and every rule says what it must."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from modelctl.check.registry import RULES, Rule
from modelctl.litellm_spec.price_map import price_map
from support.cli import call

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "modelctl"
SAYS = re.compile(r"(?:\bProblem|\.problem|\b_add|\bnamed|\b_refusal|\bFinding)\(\s*\"([a-z0-9-]+)\"")


def test_the_pages_are_current() -> None:
    command = [sys.executable, ROOT / "scripts" / "rule_pages.py", "--check"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_every_page_has_a_before_and_an_after(rule: Rule) -> None:
    assert rule.title
    assert not rule.title.endswith(".")
    assert re.search(r"^Before\b.*:$", rule.manual, re.MULTILINE)
    assert re.search(r"^After\b.*:$", rule.manual, re.MULTILINE)


def test_whatever_is_said_has_a_page() -> None:
    said = {
        rule: path.name
        for path in SOURCE.rglob("*.py")
        if not {"importer", "trial"} & set(path.parts)  # what these find goes by other names
        for rule in SAYS.findall(path.read_text(encoding="utf-8"))
    }
    assert len(said) > 40
    assert {rule: where for rule, where in said.items() if rule not in RULES} == {}


def test_explain() -> None:
    ran = call("explain", "price-unit")
    assert (ran.code, ran.err) == (0, "")
    head = "price-unit: as a rule a warning\nFound in a catalog and a LiteLLM config file.\n\nA price is off by"
    assert ran.out.startswith(head)
    assert "Before:" in ran.out


def test_explain_lists_all() -> None:
    lines = call("explain").out.splitlines()
    assert len(lines) == len(RULES) + 1


def test_explain_offers_the_nearest_name() -> None:
    ran = call("explain", "retired-modle")
    assert (ran.code, ran.out) == (1, "")
    assert "there is no rule `retired-modle`" in ran.err
    assert "modelctl explain retired-model" in ran.err


def test_examples_name_models_that_live_for_a_year() -> None:
    """But for pages that are about retirement."""
    last = (datetime.now(UTC).date() + timedelta(days=365)).isoformat()
    pages = {rule.id: rule.manual for rule in RULES.values() if "retire" not in f"{rule.id} {rule.manual}"}
    pages["README.md"] = (ROOT / "README.md").read_text(encoding="utf-8")
    known = {name: str(facts.get("deprecation_date") or "9") for name, facts in price_map().items()}
    named = {
        page: set(re.findall(r"[a-z_]+/[a-z0-9./-]+|[a-z]+-[a-z0-9.-]+[a-z0-9]", text)) for page, text in pages.items()
    }
    dated = {page: sorted(each for each in names if known.get(each, "9") <= last) for page, names in named.items()}
    assert {page: names for page, names in dated.items() if names} == {}
