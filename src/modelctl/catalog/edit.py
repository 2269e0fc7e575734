"""Changing parts of a YAML text, every other byte left as it is: comments, order, layout."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from modelctl.catalog.parse import Steps


class Span(NamedTuple):
    """Replaces the text from `start` up to `end`."""

    start: int
    end: int
    written: str


def span_of(node: Node, written: str) -> Span:
    return Span(node.start_mark.index, node.end_mark.index, written)


def splice(text: str, spans: Iterable[Span]) -> str:
    """Spans do not overlap; their order does not matter."""
    for start, end, written in sorted(spans, reverse=True):
        text = text[:start] + written + text[end:]
    return text


def replace_values(text: str, values: Mapping[Steps, str]) -> str:
    """`text` with the scalar at each path written as the given YAML.

    Raises KeyError for a path that is not written there, or whose value is not one scalar on its own
    (an alias, a mapping): such an edit has no one right answer.
    """
    root = yaml.compose(text, yaml.CSafeLoader)
    shared = _shared(root)
    spans = []
    for path, written in values.items():
        way = list(_way(root, path))
        node = way[-1]
        if not isinstance(node, ScalarNode) or any(id(each) in shared for each in way):
            raise KeyError(path)
        spans.append(span_of(node, written))
    return splice(text, spans)


def _way(node: Node | None, path: Steps) -> Iterator[Any]:
    """The nodes from the root to the value at `path`."""
    yield node
    for step in path:
        if isinstance(node, MappingNode):
            node = next((value for key, value in node.value if key.value == str(step)), None)
        elif isinstance(node, SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
        else:
            raise KeyError(path)
        yield node


def _shared(root: Node | None) -> set[int]:
    """Nodes that stand in several places, by anchor and alias: an edit of one would change them all."""
    seen: set[int] = set()
    shared: set[int] = set()
    ahead = [root]
    while ahead:
        node = ahead.pop()
        if id(node) in seen:
            shared.add(id(node))
            continue
        seen.add(id(node))
        if isinstance(node, MappingNode):
            ahead += [part for pair in node.value for part in pair]
        elif isinstance(node, SequenceNode):
            ahead += node.value
    return shared
