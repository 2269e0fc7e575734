"""check/ has no circle of imports, those inside functions and for types included."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src"


def imported(tree: ast.AST, modules: set[str]) -> Iterator[str]:
    """Every module of `modules` that is imported anywhere in a file."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in modules)
        elif isinstance(node, ast.ImportFrom) and node.module:
            below = {f"{node.module}.{alias.name}" for alias in node.names} & modules
            yield from below or {node.module} & modules


def graph(package: str) -> dict[str, set[str]]:
    """Module -> the modules of the same package that it imports."""
    files = {
        ".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__"): path
        for path in (SOURCE / package).rglob("*.py")
    }
    trees = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in files.items()}
    return {name: set(imported(tree, set(files))) - {name} for name, tree in trees.items()}


def test_check_has_no_circle() -> None:
    found = graph("modelctl/check")
    rules = {name for name in found if name.startswith("modelctl.check.rules.")}
    assert len(rules) > 100
    found["modelctl.check.registry"] |= rules  # it imports them by name
    assert [*TopologicalSorter(found).static_order()]


def test_a_circle_is_seen() -> None:
    """What a function imports counts."""
    tree = ast.parse("def ask():\n    from a.registry import RULES\n")
    found = {"a.policy": set(imported(tree, {"a.registry"})), "a.registry": {"a.policy"}}
    with pytest.raises(CycleError):
        TopologicalSorter(found).prepare()
