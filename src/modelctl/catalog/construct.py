"""Nodes -> plain data, with every problem on the way: what PyYAML's SafeLoader makes of them, less its oddities."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from modelctl.catalog.nodes import MERGE, STR, TAG, by_key
from modelctl.errors import Problem

SAME = " with the same value"  # severity of a harmless duplicate key
MOST = 1000  # problems of one file that are reported
MAX_EXPANDED = 2_000_000  # nodes after every alias is written out: no catalog is that large, a bomb is

_VALUE, FLOAT = TAG + "value", TAG + "float"
_SCALARS = yaml.constructor.SafeConstructor()
CONSTRUCT: dict[str, Callable[[Any], Any]] = {
    TAG + "null": lambda node: None,
    TAG + "bool": _SCALARS.construct_yaml_bool,
    TAG + "int": _SCALARS.construct_yaml_int,
    FLOAT: _SCALARS.construct_yaml_float,
    TAG + "timestamp": _SCALARS.construct_yaml_timestamp,
}


class Constructor:
    """One pass over the nodes of one file; collects problems instead of stopping at the first."""

    def __init__(self, label: str) -> None:
        self.label = label
        self.problems: list[Problem] = []
        self._scalars: dict[tuple[str, str], Any] = {}
        self._shared: dict[int, Any] = {}
        self._aliases = False

    def value(self, node: Node, aliases: bool) -> Any:
        """Data of the root; a file with aliases is measured first, so that a bomb costs nothing."""
        self._aliases = aliases
        if aliases and self._too_large(node):
            return None
        return self._value(node)

    def _value(self, node: Node) -> Any:
        if type(node) is ScalarNode:
            return node.value if node.tag == STR else self._scalar(node)
        if not self._aliases:
            return self._collection(node)
        if id(node) not in self._shared:
            self._shared[id(node)] = self._collection(node)
        return self._shared[id(node)]

    def _collection(self, node: Node) -> Any:
        if isinstance(node, MappingNode) and node.tag == TAG + "map":
            return self._mapping(node)
        if isinstance(node, SequenceNode) and node.tag == TAG + "seq":
            return [self._value(item) for item in node.value]
        return self._unknown_tag(node)

    def _mapping(self, node: MappingNode) -> dict[str, Any]:
        data: dict[str, Any] = {}
        merges: list[Node] = []
        for key, value in node.value:
            if key.tag == STR and type(key) is ScalarNode:
                name = key.value
            elif key.tag == MERGE and not merges:
                merges.append(value)
                continue
            else:
                name = self._odd_key(key)
            read = self._value(value)
            if name in data:
                same = data[name] == read and (read is not None or not self.problems)  # None replaces an invalid value
                self._twice(node, name, key, same=same)
            data[name] = read
        return self._with_merges(merges[0], data) if merges else data

    def _with_merges(self, node: Node, own: dict[str, Any]) -> dict[str, Any]:
        """`<<` gives what the mapping does not say itself; of a list, the earlier mapping wins."""
        sources = node.value if isinstance(node, SequenceNode) else [node]
        merged: dict[str, Any] = {}
        for source in reversed(sources):
            if not isinstance(source, MappingNode):
                self._add("bad-merge", "`<<` takes a mapping or a list of mappings", source)
                continue
            merged.update(self._value(source))
        return merged | own

    def _scalar(self, node: ScalarNode) -> Any:
        spelling = (node.tag, node.value)
        if spelling not in self._scalars:
            self._scalars[spelling] = self._read_scalar(node)
        return self._scalars[spelling]

    def _read_scalar(self, node: ScalarNode) -> Any:
        if node.tag in (_VALUE, MERGE):
            return node.value
        if node.tag not in CONSTRUCT:
            return self._unknown_tag(node)
        try:
            value = CONSTRUCT[node.tag](node)
        except (ValueError, KeyError, IndexError, AttributeError, OverflowError):
            return self._add("bad-value", f"`{node.value[:40]}` is not a valid {_kind(node.tag)}", node)
        if node.tag == FLOAT and not isfinite(value):
            return self._add("bad-value", f"`{node.value}` is not a finite number", node)
        return value

    # -- problems --

    def _odd_key(self, key: Node) -> str:
        """A key that is not text: its spelling is used instead, so that the rest is still checked."""
        if key.tag == MERGE:
            self._add("duplicate-key", "`<<` is written twice", key, hint="<<: [*first, *second]")
            return "<<"
        if not isinstance(key, ScalarNode):
            self._add("bad-key", "a key must be text, not a list or a mapping", key)
            return f"(key in line {key.start_mark.line + 1})"
        if key.tag == _VALUE:
            return str(key.value)
        kind = _kind(key.tag)
        self._add("bad-key", f"the key `{key.value}` is a {kind} to YAML: quote it", key, hint=f'"{key.value}":')
        return str(key.value)

    def _twice(self, node: MappingNode, name: str, again: Node, *, same: bool) -> None:
        first = by_key(node).get(name, node.value[0])[0]
        where = f"{self.label}:{first.start_mark.line + 1}:{first.start_mark.column + 1}"
        text = f"`{_short(name)}` is written twice{SAME if same else ''}, first at {where}"
        self._add("duplicate-key", text, again)

    def _unknown_tag(self, node: Node) -> None:
        tag = node.tag.replace(TAG, "!!")
        self._add("unknown-tag", f"the tag `{_short(tag)}` is not understood here", node)

    def _too_large(self, root: Node) -> bool:
        try:
            if expanded(root, {}) <= MAX_EXPANDED:
                return False
            self._add("too-many-aliases", f"its aliases expand to more than {MAX_EXPANDED:,} values", root)
        except Loop as loop:
            self._add("alias-loop", "this anchor contains itself", loop.node)
        return True

    def _add(self, rule: str, message: str, node: Node, hint: str | None = None) -> None:
        mark = node.start_mark
        if len(self.problems) == MOST:
            message, hint = f"over {MOST:,} problems like this: the rest is not shown", None
        if len(self.problems) <= MOST:
            self.problems.append(Problem(rule, message, self.label, mark.line + 1, mark.column + 1, hint=hint))


class Loop(Exception):
    def __init__(self, node: Node) -> None:
        self.node = node


def expanded(node: Node, sizes: dict[int, int]) -> int:
    """How many nodes there are once each alias is written out; counted without writing them out."""
    if isinstance(node, ScalarNode):
        return 1
    known = sizes.get(id(node))
    if known is not None:
        if known == 0:
            raise Loop(node)
        return known
    sizes[id(node)] = 0  # being counted: meeting it again below means that it contains itself
    parts = node.value if isinstance(node, SequenceNode) else [part for pair in node.value for part in pair]
    sizes[id(node)] = size = 1 + sum(expanded(part, sizes) for part in parts)
    return size


def _kind(tag: str) -> str:
    names = {"int": "number", "float": "number", "bool": "boolean", "null": "null value", "timestamp": "date"}
    kind = tag.removeprefix(TAG)
    return names.get(kind, kind)


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."
