"""A file that is read entry by entry: what an edit costs follows the edit, not the file.

Each entry is a document of its own, kept as long as its text stays; only where it stands in the file may move. What is
made of an entry further on (validated, compiled, checked) is kept with it. Whatever is not plainly a list of sound
entries is read as a whole, with the very same outcome.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from modelctl.catalog import parse, plain
from modelctl.catalog.construct import Constructor
from modelctl.catalog.nodes import STR, TAG, composed, composed_piece, find, nodes
from modelctl.catalog.parse import Document, Steps
from modelctl.catalog.split import CutText, split

T = TypeVar("T")
LISTS = frozenset({"model_list"})  # sections whose entries are items of a list


@dataclass(eq=False)
class Part(Document):
    """A stretch of a file. `entry` is what is made of it; `section` is the key that its entries stand under."""

    section: str = ""
    entry: Any = None
    _places: dict[tuple[tuple[str | int, ...], bool], tuple[int, int]] = field(default_factory=dict)

    def place(self, path: Steps, *, value: bool = False) -> tuple[int, int]:
        asked = (tuple(path), value)
        found = self._places.get(asked)
        if found is None:
            found = self._places[asked] = self._find(*asked)
        return self._moved(*found)

    def _find(self, path: tuple[str | int, ...], value: bool) -> tuple[int, int]:
        return find(nodes(self.text), path, value=value)

    def _moved(self, line: int, column: int) -> tuple[int, int]:
        return line, column


@dataclass(eq=False)
class Piece(Part):
    """One entry, as a file that had no other; `line` is how many lines stand before it in the real one."""

    key: str = ""
    line: int = 0
    lines: int = 0
    judged: bool = False  # `entry` is its value, even if that is None
    _made: dict[Callable[[Any], Any], Any] = field(default_factory=dict)

    def _find(self, path: tuple[str | int, ...], value: bool) -> tuple[int, int]:
        return find(nodes(self.text), path[1:], value=value)

    def _moved(self, line: int, column: int) -> tuple[int, int]:
        return line + self.line, column

    @property
    def root(self) -> tuple[str, str | int]:
        """The path of the entry within this document."""
        return self.section, 0 if self.section in LISTS else self.key

    def made(self, make: Callable[[Any], T]) -> T:
        """The result of `make` for the entry's value, cached."""
        if make not in self._made:
            self._made[make] = make(self.data[self.section][self.root[1]])
        found: T = self._made[make]
        return found


@dataclass(eq=False)
class Frame(Part):
    """The file without its entries; `gap` is how many lines they take after line `above`."""

    above: int = 0
    gap: int = 0

    def _moved(self, line: int, column: int) -> tuple[int, int]:
        return (line + self.gap if line > self.above else line), column


@dataclass(eq=False)
class Pieces(Document):
    """A file in parts; `data` is that of the whole."""

    frame: Frame = field(default_factory=lambda: Frame("", "", None))
    pieces: list[Piece] = field(default_factory=list)
    _by_key: dict[str | int, Piece] = field(default_factory=dict)

    @property
    def parts(self) -> Iterator[Document]:
        yield self.frame
        yield from self.pieces

    def place(self, path: Steps, *, value: bool = False) -> tuple[int, int]:
        section, *inside = path or ("",)
        if section != self.frame.section:
            return self.frame.place(path, value=value)
        if not inside:
            return self.pieces[0].place((section,)) if value else self.frame.place(path)
        piece = self._piece(inside[0])
        return piece.place((*piece.root, *inside[1:]), value=value) if piece else self.frame.place((section,))

    def _piece(self, key: str | int) -> Piece | None:
        if self.frame.section in LISTS:
            return self.pieces[key] if isinstance(key, int) and 0 <= key < len(self.pieces) else None
        if not self._by_key:
            self._by_key.update((piece.key, piece) for piece in self.pieces)
        return self._by_key.get(str(key))


def parse_in_parts(raw: bytes, label: str, section: str, before: Document | None = None) -> Document:
    """As `source.parse`. Of `before`, the last document of this file, the parts that did not change are kept."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return parse.parse(raw, label)
    cut = split(text, section, items=section in LISTS)
    found = _joined(cut, text, label, section, before=before if isinstance(before, Pieces) else None) if cut else None
    return found or parse.parse(raw, label)


def _joined(cut: CutText, text: str, label: str, section: str, *, before: Pieces | None) -> Pieces | None:
    reader = _Reader(label, section)
    frame = reader.frame(cut, before)
    known = {piece.text: piece for piece in before.pieces} if before else {}
    pieces: list[Piece] = []
    line = frame.above if frame else 0
    for each in cut.pieces if frame else ():
        piece = known.pop(each, None) or reader.piece(each)  # equal texts are separate entries
        if piece is None:
            return None
        piece.line, line = line, line + piece.lines
        pieces.append(piece)
    if frame is None:
        return None
    frame.gap = line - frame.above
    entries = _entries(pieces, section)
    return None if entries is None else Pieces(label, text, {**frame.data, section: entries}, (), frame, pieces)


def _entries(pieces: list[Piece], section: str) -> Any:
    if section in LISTS:
        return [piece.data[section][0] for piece in pieces]
    found = {piece.key: piece.data[section][piece.key] for piece in pieces}
    return found if len(found) == len(pieces) else None


class _Reader:
    """Reads parts of one file; None for each that is not sound, or would mean something else in the whole."""

    def __init__(self, label: str, section: str) -> None:
        self._label, self._section = label, section
        self._builder = Constructor(label)

    def frame(self, cut: CutText, before: Pieces | None) -> Frame | None:
        text, above = cut.head + cut.tail, cut.head.count("\n")
        if before and (before.frame.text, before.frame.above) == (text, above):
            return before.frame
        try:
            node = composed(text)
        except (yaml.YAMLError, UnicodeError):
            return None
        data = self._data(node) if node and _is_empty_at(node, self._section, above - 1) else None
        return None if data is None else Frame(self._label, text, data, (), self._section, above=above)

    def piece(self, text: str) -> Piece | None:
        data = plain.read(text)
        if data is plain.UNKNOWN or type(data) is not (list if self._section in LISTS else dict) or len(data) != 1:
            data = self._whole_yaml(text)
        if data is None:
            return None
        key = "" if self._section in LISTS else next(iter(data))
        return Piece(self._label, text, {self._section: data}, (), self._section, key=key, lines=text.count("\n"))

    def _whole_yaml(self, text: str) -> Any:
        try:
            node = composed_piece(text)
        except (yaml.YAMLError, UnicodeError):
            return None
        return self._data(node) if (_is_item if self._section in LISTS else _is_pair)(node) else None

    def _data(self, node: Any) -> Any:
        data = self._builder.value(node, False)
        return None if self._builder.problems else data


def _is_empty_at(root: Node, section: str, line: int) -> bool:
    """Whether the section's key stands in that line, as a key of the file and with nothing below it."""
    if not isinstance(root, MappingNode):
        return False
    found = [(key, value) for key, value in root.value if isinstance(key, ScalarNode) and key.value == section]
    return len(found) == 1 and found[0][0].start_mark.line == line and found[0][1].tag == TAG + "null"


def _is_pair(node: Node | None) -> bool:
    if not isinstance(node, MappingNode) or len(node.value) != 1 or node.flow_style:
        return False
    key = node.value[0][0]
    return isinstance(key, ScalarNode) and key.tag == STR


def _is_item(node: Node | None) -> bool:
    return isinstance(node, SequenceNode) and len(node.value) == 1 and not node.flow_style
