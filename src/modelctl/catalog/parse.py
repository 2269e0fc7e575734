"""One YAML file -> plain data, or problems that say where; positions only when somebody asks.

The meaning is that of PyYAML's SafeLoader (YAML 1.1, as LiteLLM reads its own config), with three
differences: a key written twice is refused, a key must be text, and tags of Python's or of one's
own are not understood. libyaml composes the nodes; turning them into data is our own short pass,
which is quicker than PyYAML's and needs no copy of the positions.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import yaml
from yaml.nodes import Node

from modelctl.catalog.construct import MAX_EXPANDED, Constructor, Loop, expanded
from modelctl.catalog.folder import read
from modelctl.catalog.nodes import composed, locate, nodes
from modelctl.errors import Problem

_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Steps = Sequence[str | int]

__all__ = ["Document", "Steps", "locate", "parse", "path_text", "read"]


@dataclass(eq=False)
class Document:
    """A parsed file. `data` is None when the file is empty or `problems` is not."""

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
        node = composed(text)
    except yaml.MarkedYAMLError as error:
        raise _Refused([_syntax_problem(error, text, label)]) from None
    except (yaml.YAMLError, UnicodeError):
        raise _Refused([_unprintable(text, label)]) from None
    if node is None:
        return None
    builder = Constructor(label)
    data = builder.value(node, "&" in text and "*" in text)
    if builder.problems:
        raise _Refused(sorted(builder.problems, key=lambda problem: problem.order))
    return data


def compose(text: str) -> Node | None:
    """The nodes of a file, with their marks; None when it is empty or no YAML, or a bomb of aliases."""
    node = nodes(text)
    try:
        return None if node is None or expanded(node, {}) > MAX_EXPANDED else node
    except Loop:
        return None


class _Refused(Exception):
    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems


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
    problem = error.problem or "not valid YAML"
    message = problem if not error.context else f"{problem} ({error.context})"
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    if problem.startswith("nested deeper"):
        return Problem("nested-too-deep", message, label, line, column)
    if line > (last := text.rstrip().count("\n") + 1):  # the end of the file: the mistake is before it
        line, column = last, 1
    return Problem("yaml-syntax", message, label, line, column, hint=_HINTS.get(problem))


def _unprintable(text: str, label: str) -> Problem:
    match = _UNPRINTABLE.search(text)
    if not match:
        return Problem("yaml-syntax", "not valid YAML", label, 1, 1)
    line, column = _line_column(text, match.start())
    message = f"the character U+{ord(match[0]):04X} is not allowed in YAML"
    return Problem("bad-character", message, label, line, column, hint="remove it, or write it as an escape in quotes")


def _not_utf8(raw: bytes, error: UnicodeDecodeError, label: str) -> Problem:
    line, column = _line_column(raw[: error.start].decode("utf-8", "replace"), None)
    message = f"not UTF-8: byte 0x{raw[error.start]:02x} cannot be read"
    return Problem("not-utf8", message, label, line, column, hint="save the file as UTF-8")


def _line_column(text: str, offset: int | None) -> tuple[int, int]:
    before = text[:offset]
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


def path_text(path: Steps) -> str:
    """`model_list[3].litellm_params.model`."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else str(step)
    return text
