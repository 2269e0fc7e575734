"""YAML text -> nodes with their places, by libyaml; and the way from a path to a place."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import yaml
import yaml.cyaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

MAX_DEPTH = 64

CParser: Any = yaml.cyaml.CParser  # type: ignore[attr-defined]

TAG = "tag:yaml.org,2002:"
STR, MERGE = TAG + "str", TAG + "merge"


_RESOLVER = yaml.resolver.Resolver()


@lru_cache(maxsize=1 << 14)
def tag_of(text: str) -> str:
    """The tag that YAML 1.1 gives a plain scalar."""
    return str(_RESOLVER.resolve(ScalarNode, text, (True, False)))  # type: ignore[no-untyped-call]


class _Composer(CParser, yaml.resolver.Resolver):  # type: ignore[misc]
    """libyaml's composer; tags of plain scalars are looked up once per spelling, depth is limited.

    The depth is counted here because libyaml's composer recurses in C, where too deep is a crash.
    """

    def __init__(self, text: str, depth: int = 0) -> None:
        CParser.__init__(self, text)
        yaml.resolver.Resolver.__init__(self)
        self._depth = depth

    def descend_resolver(self, parent: Node | None, index: object) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            mark = parent.start_mark if parent else None
            raise yaml.composer.ComposerError(None, None, f"nested deeper than {MAX_DEPTH} levels", mark)

    def ascend_resolver(self) -> None:
        self._depth -= 1

    def resolve(self, kind: type[Node], value: Any, implicit: Any) -> str:
        if kind is ScalarNode:
            return tag_of(value) if implicit[0] else STR
        return TAG + ("map" if kind is MappingNode else "seq")


@lru_cache(maxsize=1)  # the check of a file asks for its places next
def composed(text: str) -> Node | None:
    node: Node | None = _Composer(text).get_single_node()
    return node


def composed_piece(text: str) -> Node | None:
    """Of a part of a file that stands one level deep in it."""
    node: Node | None = _Composer(text, depth=1).get_single_node()
    return node


@lru_cache(maxsize=16)
def nodes(text: str) -> Node | None:
    try:
        return composed(text)
    except (yaml.YAMLError, UnicodeError):
        return None


def forget() -> None:
    """Drops the cached trees: they are large, and needed only while problems are reported."""
    composed.cache_clear()
    nodes.cache_clear()


def _step(node: Node | None, step: str | int) -> tuple[Node, Node] | None:
    """The key's node and the value's; those that came in by `<<` too."""
    if isinstance(node, SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step], node.value[step]
    if not isinstance(node, MappingNode):
        return None
    if found := by_key(node).get(str(step)):
        return found
    return next((found for merged in _merged(node) if (found := _step(merged, step))), None)


def by_key(node: MappingNode) -> dict[str, tuple[Node, Node]]:
    """First key and value of each name; made once, since a file may have as many problems as it has keys."""
    index: dict[str, tuple[Node, Node]] | None = node.__dict__.get("by_key")
    if index is None:
        index = {}
        for key, value in node.value:
            if key.tag != MERGE and isinstance(key, ScalarNode):
                index.setdefault(key.value, (key, value))
        node.__dict__["by_key"] = index  # replaced as a whole, since another thread may be reading
    return index


def _merged(node: MappingNode) -> Iterator[Node]:
    for key, value in node.value:
        if key.tag == MERGE:
            yield from value.value if isinstance(value, SequenceNode) else [value]


def locate(text: str, path: tuple[str | int, ...], *, value: bool = False) -> tuple[int, int]:
    """Line and column (from 1) of the key at `path`, or of its value; (1, 1) when nothing is there."""
    return find(nodes(text), path, value=value)


def find(node: Node | None, path: tuple[str | int, ...], *, value: bool = False) -> tuple[int, int]:
    """As `locate`, below this node."""
    mark = node.start_mark if node else None
    for depth, step in enumerate(path, 1):
        found = _step(node, step)
        if found is None:
            break
        key, node = found
        mark = (node if value and depth == len(path) else key).start_mark
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)
