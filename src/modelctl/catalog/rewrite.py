"""Replaces entries of a YAML mapping; comments, order and layout of other entries stay.

Top-level entries are replaced, taken out or added whole. What is not written as a plain block of
entries (one flow mapping, anchors that others use) is written anew, which loses its comments.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node

from modelctl.catalog.edit import Span, splice
from modelctl.catalog.parse import parse

WIDTH = 118


@dataclass(frozen=True)
class Rewritten:
    """`kept` is false when comments and layout were lost."""

    text: str
    kept: bool = True


def dump(data: Mapping[str, Any], block: int = 1) -> str:
    """In the style of the catalog: `block` levels of block mappings, below them innermost ones on one line."""
    if not data:
        return ""
    representer: Any = yaml.representer.SafeRepresenter(None, None, False)  # type: ignore[arg-type]
    root = representer.represent_data(dict(data))
    level: list[Any] = [root]
    for _ in range(block):
        for node in level:
            node.flow_style = False
        level = [value for node in level for _, value in node.value if isinstance(value, MappingNode)]
    text = str(yaml.serialize(root, Dumper=yaml.SafeDumper, allow_unicode=True, width=WIDTH))
    if _means(text) == plain(data):
        return text
    return str(yaml.serialize(root, Dumper=yaml.SafeDumper, width=WIDTH))  # PyYAML writes odd line breaks as they are


def rewrite(text: str, wanted: Mapping[str, Any], block: int = 1) -> Rewritten:
    """`text` with `wanted` for its data. Equal entries keep their bytes."""
    made = _spliced(text, wanted, block)
    if made is not None and _means(made) == plain(wanted):
        return Rewritten(made)
    return Rewritten(_head(text) + dump(wanted, block), kept=False)


def entries(text: str) -> dict[str, str]:
    """Each top-level entry as it is written, comments inside and above it included; {} where they are no block."""
    blocks = _blocks(text)
    return {} if blocks is None else {key: text[start:end] for key, (start, end, _) in blocks.items()}


def line_owner(text: str, line: int) -> str | None:
    """The top-level key whose entry holds this line (from 1)."""
    offsets = [0]
    for each in text.splitlines(keepends=True):
        offsets.append(offsets[-1] + len(each))
    at = offsets[line - 1] if 0 < line < len(offsets) else -1
    return next((key for key, (start, end, _) in (_blocks(text) or {}).items() if start <= at < end), None)


def plain(value: object) -> Any:
    """Only what JSON holds: dates become their ISO text."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value.isoformat() if isinstance(value, (date, datetime)) else value


def _spliced(text: str, wanted: Mapping[str, Any], block: int) -> str | None:
    blocks = _blocks(text)
    if blocks is None:
        return None
    present, spans = _means(text) or {}, list[Span]()
    line_end = "\r\n" if "\r\n" in text else "\n"
    for key, (start, end, node) in blocks.items():
        if key not in wanted:
            spans.append(Span(start, end, ""))
        elif present.get(key) != plain(wanted[key]):
            written = dump({key: wanted[key]}, block).replace("\n", line_end)
            spans.append(Span(start, end, _with_remark(written, text[start:end], node)))
    text = splice(text, spans)
    new = {key: value for key, value in wanted.items() if key not in blocks}
    gap = line_end if new and text and not text.endswith("\n") else ""
    return text + gap + dump(new, block).replace("\n", line_end)


Block = tuple[int, int, Node]


def _blocks(text: str) -> dict[str, Block] | None:
    """Top-level key -> where its lines begin and end, and its value; None where there is no block mapping."""
    try:
        root = yaml.compose(text, yaml.CSafeLoader)
    except yaml.YAMLError:
        return None
    if root is None:
        return {}
    if not isinstance(root, MappingNode) or root.flow_style or any(key.start_mark.column for key, _ in root.value):
        return None
    starts = [key.start_mark.index for key, _ in root.value]
    ends = [*starts[1:], len(text)]
    return {
        key.value: (start, start + _own(text[start:end]), value)
        for (key, value), start, end in zip(root.value, starts, ends, strict=True)
    }


def _own(written: str) -> int:
    """How much of it is the entry: blank lines and comments at the margin belong to what follows."""
    lines = written.splitlines(keepends=True)
    while len(lines) > 1 and (not lines[-1].strip() or lines[-1].startswith("#")):
        lines.pop()
    return sum(map(len, lines))


def _with_remark(written: str, before: str, node: Node) -> str:
    """Keeps the comment behind a value that is replaced on the same line."""
    lines = before.splitlines()
    if len(lines) != 1 or node.start_mark.line != node.end_mark.line or written.count("\n") != 1:
        return written
    rest = lines[0][node.end_mark.column :]
    remark = rest if rest.strip().startswith("#") else ""
    body = written.rstrip("\r\n")
    return body + remark + written[len(body) :]


def _head(text: str) -> str:
    """The comments at the top, which describe the file."""
    lines = []
    for line in text.splitlines(keepends=True):
        if not line.startswith("#"):
            break
        lines.append(line)
    return "".join(lines)


def _means(text: str) -> Any:
    document = parse(text.encode("utf-8", "surrogatepass"), "")
    return None if document.problems else plain({} if document.data is None else document.data)
