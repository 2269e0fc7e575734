"""The text of a file, cut into its entries: `models:` of a provider's file, `model_list:` of a LiteLLM config.

Only what people and programs usually write is cut. Whatever might mean something else when it is read in parts (an
anchor, a tab, an entry in an unusual form) is not, and then the file is read as a whole. The cuts need no understanding
of YAML beyond this: a line that begins in the entries' own column ends whatever scalar is under way, except within
quotes and brackets, and a part that ends within these is no valid YAML by itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

_LINES = re.compile("[\x85\u2028\u2029\ufeff]")  # further line breaks of YAML
_ANCHOR = re.compile(r"(?<!\w)&\S")
_KEY_START = re.compile(r"[\w\"'./~$]")


@dataclass(frozen=True, slots=True)
class CutText:
    """`head` ends with the line of the section's key; the parts in a row are the text."""

    head: str
    pieces: list[str]
    tail: str


def split(text: str, section: str, *, items: bool) -> CutText | None:
    """The entries below the top-level key `section` (`items`: of a list, else of a mapping); None: read it whole."""
    if _is_unusual(text):
        return None
    header = _header(section).search(text)
    first = _FIRST.match(text, header.end()) if header else None
    if header is None or first is None or not (first[1] or items):
        return None
    indent = len(first[1])
    end = _end(text, header.end(), items and not indent)
    cuts = [found.end() for found in _starts(indent).finditer(text, header.end() - 1, end)]
    if not cuts or not all(_is_usual(text, at, items) for at in cuts):
        return None
    bounds = [header.end(), *(at - indent for at in cuts[1:]), end]
    pieces = [text[start:stop] for start, stop in pairwise(bounds)]
    head = text[: header.end()]
    return None if "\n%" in head or head[:1] == "%" else CutText(head, pieces, text[end:])


def _is_unusual(text: str) -> bool:
    return (
        "\t" in text
        or "\r" in text
        or ("&" in text and _ANCHOR.search(text) is not None)
        or (not text.isascii() and _LINES.search(text) is not None)
    )


@lru_cache
def _header(section: str) -> re.Pattern[str]:
    return re.compile(rf"^{section}:[ ]*(?: #[^\n]*)?\n", re.MULTILINE)


_FIRST = re.compile(r"(?:[ ]*(?:#[^\n]*)?\n)*([ ]*)(?=[^ #\n])")  # the first line with content


@lru_cache
def _starts(indent: int) -> re.Pattern[str]:
    return re.compile(rf"\n {{{indent}}}(?=[^ #\n])")


_NEXT_KEY = re.compile(r"\n(?=[^ #\n])")
_NEXT_KEY_AFTER_ITEMS = re.compile(r"\n(?=[^ #\n-]|-[^ \n])")


def _end(text: str, start: int, items_at_margin: bool) -> int:
    """Where the next top-level key begins."""
    match = (_NEXT_KEY_AFTER_ITEMS if items_at_margin else _NEXT_KEY).search(text, start)
    return match.end() if match else len(text)


def _is_usual(text: str, at: int, items: bool) -> bool:
    if items:
        return text[at] == "-" and text[at + 1 : at + 2] in (" ", "\n", "")
    return _KEY_START.match(text, at) is not None
