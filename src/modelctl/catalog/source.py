"""One YAML file -> plain data, or problems that say where; positions only when somebody asks.

The meaning is that of PyYAML's SafeLoader (YAML 1.1, as LiteLLM reads its own config), with three
differences: a key written twice is refused, a key must be text, and tags of Python's or of one's
own are not understood. libyaml composes the nodes; turning them into data is our own short pass,
which is quicker than PyYAML's and needs no copy of the positions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import isfinite
from typing import Any

import yaml
import yaml.cyaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from modelctl.catalog.folder import read
from modelctl.errors import Problem

MAX_DEPTH = 64
MOST = 1000  # problems of one file that are told of one by one
MAX_EXPANDED = 2_000_000  # nodes after every alias is written out: no catalog is that large, a bomb is

CParser: Any = yaml.cyaml.CParser  # type: ignore[attr-defined]

_TAG = "tag:yaml.org,2002:"
_STR, _MERGE, _VALUE, _FLOAT = _TAG + "str", _TAG + "merge", _TAG + "value", _TAG + "float"
_SCALARS = yaml.constructor.SafeConstructor()
_CONSTRUCT: dict[str, Callable[[Any], Any]] = {
    _TAG + "null": lambda node: None,
    _TAG + "bool": _SCALARS.construct_yaml_bool,
    _TAG + "int": _SCALARS.construct_yaml_int,
    _FLOAT: _SCALARS.construct_yaml_float,
    _TAG + "timestamp": _SCALARS.construct_yaml_timestamp,
}
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Steps = Sequence[str | int]

__all__ = ["Document", "Steps", "locate", "parse", "read"]


@dataclass(frozen=True, eq=False)
class Document:
    """A file as it was read. `data` is None when the file is empty or `problems` is not."""

    label: str  # the path to show
    text: str
    data: Any
    problems: tuple[Problem, ...] = ()

    def place(self, path: Steps, *, value: bool = False) -> tuple[int, int]:
        return locate(self.text, tuple(path), value=value)

    def problem(self, rule: str, message: str, path: Steps = (), *, value: bool = False, **more: Any) -> Problem:
        """A problem at the key (or value) at `path`; its nearest ancestor if that is not written."""
        line, column = self.place(path, value=value)
        return Problem(rule, message, self.label, line, column, **more)


def parse(raw: bytes, label: str) -> Document:
    """Never raises for what the file says: the problems are in the answer."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return Document(label, "", None, (_not_utf8(raw, error, label),))
    try:
        data = construct(text, label)
    except _Refused as refused:
        return Document(label, text, None, tuple(refused.problems))
    return Document(label, text, data)


def construct(text: str, label: str) -> Any:
    """Plain data of the one document in `text`; raises `_Refused` with every problem that was found."""
    try:
        node = _compose(text)
    except yaml.MarkedYAMLError as error:
        raise _Refused([_syntax_problem(error, text, label)]) from None
    except (yaml.YAMLError, UnicodeError):
        raise _Refused([_unprintable(text, label)]) from None
    if node is None:
        return None
    builder = _Builder(label)
    data = builder.value(node, "&" in text and "*" in text)
    if builder.problems:
        raise _Refused(builder.problems)
    return data


def locate(text: str, path: tuple[str | int, ...], *, value: bool = False) -> tuple[int, int]:
    """Line and column (from 1) of the key at `path`, or of its value; (1, 1) when nothing is there."""
    node: Node | None = _nodes(text)
    mark = node.start_mark if node else None
    for depth, step in enumerate(path, 1):
        found = _step(node, step)
        if found is None:
            break
        key, node = found
        mark = (node if value and depth == len(path) else key).start_mark
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)


# -- composing ---------------------------------------------------------------------------------


class _Refused(Exception):
    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems


class _Composer(CParser, yaml.resolver.Resolver):  # type: ignore[misc]
    """libyaml's composer; tags of plain scalars are looked up once per spelling, depth is limited.

    The depth is counted here because libyaml's composer recurses in C, where too deep is a crash.
    """

    def __init__(self, text: str) -> None:
        CParser.__init__(self, text)
        yaml.resolver.Resolver.__init__(self)
        self._depth = 0
        self._plain: dict[str, str] = {}

    def descend_resolver(self, parent: Node | None, index: Any) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            mark = parent.start_mark if parent else None
            raise yaml.composer.ComposerError(None, None, f"nested deeper than {MAX_DEPTH} levels", mark)

    def ascend_resolver(self) -> None:
        self._depth -= 1

    def resolve(self, kind: type[Node], value: Any, implicit: Any) -> str:
        if kind is ScalarNode:
            if not implicit[0]:
                return _STR
            tag = self._plain.get(value)
            if tag is None:
                tag = self._plain[value] = str(super().resolve(kind, value, implicit))  # type: ignore[no-untyped-call]
            return tag
        return _TAG + ("map" if kind is MappingNode else "seq")


@lru_cache(maxsize=1)  # who checks one file asks for places in it next
def _compose(text: str) -> Node | None:
    node: Node | None = _Composer(text).get_single_node()
    return node


def compose(text: str) -> Node | None:
    """The nodes of a file, with their marks; None when it is empty or no YAML, or a bomb of aliases."""
    node = _nodes(text)
    try:
        return None if node is None or _expanded(node, {}) > MAX_EXPANDED else node
    except _Loop:
        return None


@lru_cache(maxsize=16)
def _nodes(text: str) -> Node | None:
    try:
        return _compose(text)
    except (yaml.YAMLError, UnicodeError):
        return None


def _step(node: Node | None, step: str | int) -> tuple[Node, Node] | None:
    """The key's node and the value's; those that came in by `<<` too."""
    if isinstance(node, SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step], node.value[step]
    if not isinstance(node, MappingNode):
        return None
    if found := _by_key(node).get(str(step)):
        return found
    return next((found for merged in _merged(node) if (found := _step(merged, step))), None)


def _by_key(node: MappingNode) -> dict[str, tuple[Node, Node]]:
    """First key and value of each name; made once, since a file may have as many problems as it has keys."""
    index: dict[str, tuple[Node, Node]] | None = node.__dict__.get("by_key")
    if index is None:
        index = node.__dict__["by_key"] = {}
        for key, value in node.value:
            if key.tag != _MERGE and isinstance(key, ScalarNode):
                index.setdefault(key.value, (key, value))
    return index


def _merged(node: MappingNode) -> Iterator[Node]:
    for key, value in node.value:
        if key.tag == _MERGE:
            yield from value.value if isinstance(value, SequenceNode) else [value]


# -- nodes to data -----------------------------------------------------------------------------


class _Builder:
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
            return node.value if node.tag == _STR else self._scalar(node)
        if not self._aliases:
            return self._collection(node)
        if id(node) not in self._shared:
            self._shared[id(node)] = self._collection(node)
        return self._shared[id(node)]

    def _collection(self, node: Node) -> Any:
        if isinstance(node, MappingNode) and node.tag == _TAG + "map":
            return self._mapping(node)
        if isinstance(node, SequenceNode) and node.tag == _TAG + "seq":
            return [self._value(item) for item in node.value]
        return self._unknown_tag(node)

    def _mapping(self, node: MappingNode) -> dict[str, Any]:
        data: dict[str, Any] = {}
        merges: list[Node] = []
        for key, value in node.value:
            if key.tag == _STR and type(key) is ScalarNode:
                name = key.value
            elif key.tag == _MERGE and not merges:
                merges.append(value)
                continue
            else:
                name = self._odd_key(key)
            if name in data:
                self._twice(node, name, key)
            data[name] = self._value(value)
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
        if node.tag in (_VALUE, _MERGE):
            return node.value
        if node.tag not in _CONSTRUCT:
            return self._unknown_tag(node)
        try:
            value = _CONSTRUCT[node.tag](node)
        except (ValueError, KeyError, IndexError, AttributeError, OverflowError):
            return self._add("bad-value", f"`{node.value[:40]}` is not a valid {_kind(node.tag)}", node)
        if node.tag == _FLOAT and not isfinite(value):
            return self._add("bad-value", f"`{node.value}` is not a finite number", node)
        return value

    # -- problems --

    def _odd_key(self, key: Node) -> str:
        """A key that is no text. Its spelling stands in for it, so that the rest is still checked."""
        if key.tag == _MERGE:
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

    def _twice(self, node: MappingNode, name: str, again: Node) -> None:
        first = _by_key(node).get(name, node.value[0])[0]
        where = f"{self.label}:{first.start_mark.line + 1}:{first.start_mark.column + 1}"
        self._add("duplicate-key", f"`{_short(name)}` is written twice, first at {where}", again)

    def _unknown_tag(self, node: Node) -> None:
        tag = node.tag.replace(_TAG, "!!")
        self._add("unknown-tag", f"the tag `{_short(tag)}` is not understood here", node)

    def _too_large(self, root: Node) -> bool:
        try:
            if _expanded(root, {}) <= MAX_EXPANDED:
                return False
            self._add("too-many-aliases", f"its aliases expand to more than {MAX_EXPANDED:,} values", root)
        except _Loop as loop:
            self._add("alias-loop", "this anchor contains itself", loop.node)
        return True

    def _add(self, rule: str, message: str, node: Node, hint: str | None = None) -> None:
        mark = node.start_mark
        if len(self.problems) == MOST:
            message, hint = f"over {MOST:,} problems like this: the rest is not shown", None
        if len(self.problems) <= MOST:
            self.problems.append(Problem(rule, message, self.label, mark.line + 1, mark.column + 1, hint=hint))


class _Loop(Exception):
    def __init__(self, node: Node) -> None:
        self.node = node


def _expanded(node: Node, sizes: dict[int, int]) -> int:
    """How many nodes there are once each alias is written out; counted without writing them out."""
    if isinstance(node, ScalarNode):
        return 1
    known = sizes.get(id(node))
    if known is not None:
        if known == 0:
            raise _Loop(node)
        return known
    sizes[id(node)] = 0  # being counted: meeting it again below means that it contains itself
    parts = node.value if isinstance(node, SequenceNode) else [part for pair in node.value for part in pair]
    sizes[id(node)] = size = 1 + sum(_expanded(part, sizes) for part in parts)
    return size


# -- words -------------------------------------------------------------------------------------

_HINTS = {
    "mapping values are not allowed in this context": "quote a value that holds `: `, and align keys of one mapping",
    "found character that cannot start any token": "indent with spaces, and quote text that begins with @, ` or %",
    "found undefined alias": "an anchor (`&name`) must stand above its alias (`*name`)",
    "found a tab character that violates indentation": "indent with spaces",
    "did not find expected key": "align the keys of one mapping in one column",
}


def _syntax_problem(error: yaml.MarkedYAMLError, text: str, label: str) -> Problem:
    mark = error.problem_mark or error.context_mark
    said = error.problem or "not valid YAML"
    message = said if not error.context else f"{said} ({error.context})"
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    if said.startswith("nested deeper"):
        return Problem("nested-too-deep", message, label, line, column)
    line = min(line, text.count("\n") + 1)
    return Problem("yaml-syntax", message, label, line, column, hint=_HINTS.get(said))


def _unprintable(text: str, label: str) -> Problem:
    found = _UNPRINTABLE.search(text)
    if not found:
        return Problem("yaml-syntax", "not valid YAML", label, 1, 1)
    line, column = _line_column(text, found.start())
    message = f"the character U+{ord(found[0]):04X} is not allowed in YAML"
    return Problem("bad-character", message, label, line, column, hint="remove it, or write it as an escape in quotes")


def _not_utf8(raw: bytes, error: UnicodeDecodeError, label: str) -> Problem:
    line, column = _line_column(raw[: error.start].decode("utf-8", "replace"), None)
    message = f"not UTF-8: byte 0x{raw[error.start]:02x} cannot be read"
    return Problem("not-utf8", message, label, line, column, hint="save the file as UTF-8")


def _line_column(text: str, offset: int | None) -> tuple[int, int]:
    before = text[:offset]
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


def _kind(tag: str) -> str:
    names = {"int": "number", "float": "number", "bool": "boolean", "null": "null value", "timestamp": "date"}
    kind = tag.removeprefix(_TAG)
    return names.get(kind, kind)


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."
