"""`check --fix`: text edits for problems that have exactly one right answer.

A rule that has one is a module with `fix(at)`: it gives the scalar to replace and its new text, or None. Nothing else
in the file changes, neither comments nor layout; an edit after which the file would say anything else is dropped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from modelctl.catalog.edit import Span, span_of, splice
from modelctl.catalog.parse import compose
from modelctl.check.fixable import At
from modelctl.check.registry import RULES
from modelctl.errors import Problem


def file_of(problem: Problem, root: Path) -> Path | None:
    """The file that a problem names, from here or from the project's root."""
    here = Path(problem.file)
    path = here if here.exists() else root / here
    return path.resolve() if problem.file and path.is_file() else None


def fixed(text: str, problems: Iterable[Problem]) -> tuple[str, list[Problem]]:
    """The file with what could be mended, and the problems that this mends."""
    root, mended = compose(text), list[Problem]()
    edits: dict[int, Span] = {}
    nodes = dict(_places(root)) if root else {}
    for problem in problems:
        edit = _edit(text, nodes, problem)
        if edit and edit.start not in edits:
            edits[edit.start] = edit
            mended.append(problem)
    result = splice(text, edits.values())
    return (result, mended) if edits and _says_the_same(text, result, len(edits)) else (text, [])


def _edit(text: str, nodes: dict[tuple[int, int], _Found], problem: Problem) -> Span | None:
    rule, found = RULES.get(problem.rule), nodes.get((problem.line, problem.column))
    if rule is None or rule.fix is None or found is None:
        return None
    answer = rule.fix(At(text, *found, severity=problem.severity))
    return span_of(*answer) if answer else None


_Found = tuple[Node, Node | None, str | None]  # node, following, key


def _places(node: Node, of: str | None = None) -> Iterator[tuple[tuple[int, int], _Found]]:
    """Every place with what stands there; of a key and the mapping that it begins, the key."""
    if isinstance(node, SequenceNode):
        for item in node.value:
            yield from _places(item)
    elif isinstance(node, MappingNode):
        for key, value in node.value:
            yield from _places(value, str(key.value))
            yield _place(key), (key, value, None)
    else:
        yield _place(node), (node, None, of)


def _place(node: Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1


def _says_the_same(before: str, after: str, edits: int) -> bool:
    """Every scalar but those that were edited is what it was, in the same order."""
    old, new = compose(before), compose(after)
    if old is None or new is None:
        return False
    one, two = [list(_scalars(node)) for node in (old, new)]
    return len(one) == len(two) and sum(a != b for a, b in zip(one, two, strict=True)) <= edits


def _scalars(node: Node) -> Iterator[tuple[str, str]]:
    if isinstance(node, ScalarNode):
        yield node.tag, node.value
    elif isinstance(node, SequenceNode):
        for item in node.value:
            yield from _scalars(item)
    elif isinstance(node, MappingNode):
        for key, value in node.value:
            yield from _scalars(key)
            yield from _scalars(value)
