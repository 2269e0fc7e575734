"""The house in numbers: sizes, reused names, lazy imports and loose types of the Python below a folder.

python scripts/house.py [src/modelctl]
"""

from __future__ import annotations

import ast
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles

ROOT = Path(__file__).parents[1] / "src" / "modelctl"
Function = ast.FunctionDef | ast.AsyncFunctionDef


def figures(root: Path) -> dict[str, str]:
    """What is measured, in words."""
    paths = sorted(root.rglob("*.py"))
    texts = [path.read_text(encoding="utf-8") for path in paths]
    trees = [ast.parse(text) for text in texts]
    lines = [text.count("\n") for text in texts]
    functions = [each for tree in trees for each in ast.walk(tree) if isinstance(each, Function)]
    classes = [each.name for tree in trees for each in tree.body if isinstance(each, ast.ClassDef)]
    arguments = [each for function in functions for each in _arguments(function)]
    loose = sum(_is_any(each.annotation) for each in arguments)
    partly = sum(_holds_any(each.annotation) for each in arguments)
    lazy = [len(set(_lazy(tree))) for tree in trees]
    return {
        "files": f"{len(paths)}",
        "lines": f"{sum(lines):,}",
        "lines of a file: median, p95, max": _spread(lines),
        "functions": f"{len(functions):,}",
        "lines of a function: median, p95, max": _spread([_length(each) for each in functions]),
        "module names used twice or more": f"{_reused(path.stem for path in paths if not path.stem.startswith('__'))}",
        "class names used twice or more": f"{_reused(classes)}",
        "imports inside functions (files)": f"{sum(lazy)} ({sum(map(bool, lazy))})",
        "`TYPE_CHECKING` blocks": f"{sum('if TYPE_CHECKING:' in text for text in texts)}",
        "functions that take over 4 positional arguments": f"{sum(_positional(each) > 4 for each in functions)}",
        "arguments that are `Any`": f"{loose} of {len(arguments):,} ({loose / len(arguments):.1%})",
        "arguments with `Any` anywhere, such as `dict[str, Any]`": f"{partly} ({partly / len(arguments):.1%})",
    }


def _spread(values: list[int]) -> str:
    return f"{median(values):g}, {quantiles(values, n=20)[-1]:.0f}, {max(values)}"


def _length(function: Function) -> int:
    """From `def` to the last line, its docstring included."""
    return (function.end_lineno or function.lineno) - function.lineno + 1


def _reused(names: Iterator[str] | list[str]) -> int:
    return sum(count > 1 for count in Counter(names).values())


def _lazy(tree: ast.Module) -> Iterator[int]:
    """The lines of imports that run when a function does."""
    for function in ast.walk(tree):
        if isinstance(function, Function):
            yield from (each.lineno for each in ast.walk(function) if isinstance(each, ast.Import | ast.ImportFrom))


def _arguments(function: Function) -> Iterator[ast.arg]:
    found = function.args
    others = (found.vararg, found.kwarg)
    all_of_them = [*found.posonlyargs, *found.args, *found.kwonlyargs, *(each for each in others if each)]
    return (each for each in all_of_them if each.arg not in ("self", "cls"))


def _positional(function: Function) -> int:
    named = [each.arg for each in (*function.args.posonlyargs, *function.args.args)]
    return len(named) - (named[:1] in (["self"], ["cls"]))


def _is_any(annotation: ast.AST | None) -> bool:
    return isinstance(annotation, ast.Name) and annotation.id == "Any"


def _holds_any(annotation: ast.expr | None) -> bool:
    return annotation is not None and any(
        isinstance(each, ast.Name) and each.id == "Any" for each in ast.walk(annotation)
    )


def main() -> None:
    found = figures(Path(sys.argv[1]) if sys.argv[1:] else ROOT)
    width = max(map(len, found))
    for name, figure in found.items():
        print(f"{name:{width}}  {figure}")


if __name__ == "__main__":
    main()
