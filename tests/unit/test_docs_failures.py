"""The table of failures in the operator's guide: each line names tests that show it, and these exist."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
GUIDE = TESTS.parent / "docs" / "operate.md"
NAMED = re.compile(r"`(test_\w+)::(test_\w+)`")


def rows() -> list[str]:
    section = GUIDE.read_text().partition("## When something is down")[2].partition("\n## ")[0]
    return [line for line in section.splitlines() if line.startswith("|")][2:]


@pytest.mark.parametrize("row", rows(), ids=[row.split("|")[1].strip() for row in rows()])
def test_each_line_names_what_shows_it(row: str) -> None:
    named = NAMED.findall(row)
    assert named, "no test shows it"
    for module, function in named:
        (path,) = TESTS.rglob(f"{module}.py")
        tree = ast.parse(path.read_text())
        assert function in {each.name for each in tree.body if isinstance(each, ast.FunctionDef)}


def test_there_is_a_table() -> None:
    assert len(rows()) > 15
