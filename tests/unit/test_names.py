"""No name is used twice: who searches for a module or a class finds one, and no import has to rename what it takes."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import modelctl

ROOT = Path(modelctl.__file__).parent
PATHS = [path for path in sorted(ROOT.rglob("*.py")) if not path.stem.startswith("__")]


def classes(path: Path) -> Iterator[str]:
    return (each.name for each in ast.walk(ast.parse(path.read_text())) if isinstance(each, ast.ClassDef))


def renamed(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        for name in node.names if isinstance(node, ast.Import | ast.ImportFrom) else ():
            if name.asname not in (None, name.name):
                yield f"{path.relative_to(ROOT)}:{node.lineno}: {name.name} as {name.asname}"


def twice(named: Iterator[tuple[str, Path]]) -> dict[str, list[str]]:
    homes = defaultdict(list)
    for name, path in named:
        homes[name].append(str(path.relative_to(ROOT)))
    return {name: found for name, found in homes.items() if len(found) > 1}


def test_no_module_has_the_name_of_another() -> None:
    assert len(PATHS) > 300
    assert twice((path.stem, path) for path in PATHS) == {}


def test_no_class_has_the_name_of_another() -> None:
    assert twice((name, path) for path in PATHS for name in classes(path)) == {}


def test_no_import_needs_another_name() -> None:
    assert [text for path in PATHS for text in renamed(path)] == []


def test_the_root_is_a_table_of_contents() -> None:
    assert len(list(ROOT.glob("*.py"))) <= 10
