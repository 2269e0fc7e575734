"""All output goes through here: the answer to stdout, the rest to stderr, colour only on a terminal."""

from __future__ import annotations

import json
import os
import sys
import textwrap
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from shutil import get_terminal_size
from typing import Any, TextIO

from modelctl.errors import ModelctlError, Problem, one_line
from modelctl.system.file_stamp import FileStamp, stamp_of
from modelctl.text.redact import mask

_COLOURS = {"error": "31", "warning": "33", "info": "36", "hint": "32", "good": "32", "dim": "2", "bold": "1"}
_NARROW = 16  # the narrowest width for wrapped text
_TAB = 4
_LONGEST = 2000  # characters of a source line that are shown


class Painted(str):
    """Clean, and in colour where the terminal takes it."""


def out(text: str = "") -> None:
    """A line of the answer. Flushed, so that a full disk is met here and not when the process ends."""
    print(_clean(text), flush=True)


def show(text: str, stream: TextIO | None = None) -> None:
    """A line whose parts are `cleaned` or painted."""
    _print(text, stream or sys.stdout)


def say(text: str) -> None:
    """A remark beside the answer."""
    _print(_clean(text), sys.stderr)


def raw(text: str) -> None:
    """A file's text as it is, for a pipe."""
    sys.stdout.write(text)
    sys.stdout.flush()


def data(value: object) -> None:
    """The answer for machines."""
    print(json.dumps(value, indent=2, ensure_ascii=False, default=str), flush=True)


def failure_data(error: ModelctlError) -> None:
    """The error as JSON, in the API's format."""
    found = [problem.to_dict() for problem in error.problems]
    data({"error": {"code": error.code, "message": error.message, "hint": error.hint, "problems": found}})


def failure(error: ModelctlError) -> None:
    """The error, on stderr."""
    problems(error.problems, stream=sys.stderr)
    _print(f"{paint('error', 'error', sys.stderr)}: {_clean(error.message)}", sys.stderr)
    if error.hint:
        _print(f"  {paint('hint', 'hint', sys.stderr)}: {_clean(error.hint)}", sys.stderr)


def problems(found: Iterable[Problem], root: Path | None = None, stream: TextIO | None = None) -> None:
    """Each problem with its source line and a caret below the place, to stdout unless told otherwise."""
    stream = stream or sys.stdout
    for problem in found:
        _print(problem_text(problem, root, stream), stream)


def problem_text(problem: Problem, root: Path | None = None, stream: TextIO | None = None) -> str:
    stream = stream or sys.stdout
    place = ":".join(str(part) for part in (problem.file, problem.line, problem.column) if part)
    head = paint("bold", f"{_clean(one_line(place))}: ", stream) if place else ""
    plain = f"{_clean(one_line(place))}: " * bool(place) + f"{problem.severity}[{problem.rule}]: "
    level = paint(problem.severity, problem.severity, stream)
    lines = [f"{head}{level}[{problem.rule}]: {_hanging(plain, _clean(one_line(problem.message)), stream)}"]
    lines += _quote(problem, root, stream)
    if problem.hint:
        lines.append(f"  {paint('hint', 'hint', stream)}: {_clean(one_line(problem.hint))}")
    return "\n".join(lines)


def _hanging(head: str, text: str, stream: TextIO) -> str:
    """`text` after `head`, wrapped with a margin on a terminal; one line elsewhere, for `grep`."""
    if not stream.isatty() or len(head) + _NARROW > width():
        return text
    return (
        "\n  ".join(wrap(head + text, width() - 2)).removeprefix(head.rstrip()).removeprefix(" ")
    )  # a break may replace a space


def _quote(problem: Problem, root: Path | None, stream: TextIO) -> list[str]:
    """The source line and a caret; empty where the file cannot be read (any more)."""
    if not problem.line or not problem.file:
        return []
    here = Path(problem.file)
    line = _line(here if here.exists() or root is None else root / here, problem.line)
    text = _clean(mask(line, {}).replace("\t", " " * _TAB))[:200]
    if not text.strip():
        return []
    margin = f"  {problem.line} | "
    quoted = [paint("dim", margin, stream) + text]
    if problem.column:
        before = line[: problem.column - 1]
        quoted.append(
            " " * (len(margin) + len(before.replace("\t", " " * _TAB))) + paint(problem.severity, "^", stream)
        )
    return quoted


def _line(path: Path, number: int) -> str:
    """Hides a line that holds a secret, whatever the problem is about."""
    from modelctl.check.quoting import masked_line  # PyYAML: needed only when something is wrong already

    try:
        lines = _lines(path, stamp_of(path.stat()))
    except OSError:
        return ""
    if number > len(lines) or len(lines[number - 1]) > _LONGEST:
        return ""
    return lines[number - 1] if masked_line(lines, number - 1) == lines[number - 1] else ""


@lru_cache(maxsize=2)
def _lines(path: Path, look: FileStamp) -> list[str]:
    """The lines of a file, cached while its stamp stays: problems of one file come in a row."""
    with open(path, encoding="utf-8", errors="replace") as file:
        return [line.rstrip("\n") for line in file]


def count(found: Sequence[Problem]) -> str:
    """`3 errors, 1 warning`; empty when there is nothing."""
    words = []
    for kind, noun in (("error", "error"), ("warning", "warning"), ("info", "remark")):
        number = sum(one.severity == kind for one in found)
        words += [f"{number} {noun}{'' if number == 1 else 's'}"] if number else []
    return ", ".join(words)


def table(columns: Sequence[str], rows: Sequence[Sequence[object]], right: Collection[str] = ()) -> None:
    """Aligned columns under a heading, those of `right` by their last letter."""
    heading = [name.upper() for name in columns]
    (lines,) = aligned(columns, [[heading, *rows]], right)
    for number, line in enumerate(lines):
        print(paint("bold", line) if number == 0 else line)
    sys.stdout.flush()


def aligned(
    columns: Sequence[str], groups: Sequence[Sequence[Sequence[object]]], right: Collection[str] = ()
) -> list[list[str]]:
    """The rows of each group as lines, aligned with those of all others.

    On a terminal the last column wraps within its width; elsewhere a row is a line, so that `grep` and `awk` work.
    No other column is ever cut: a name that is cut in the middle cannot be copied.
    """
    cells = [[[_cell(cell) for cell in row] for row in group] for group in groups]
    widths = [max((len(row[at]) for group in cells for row in group), default=0) for at in range(len(columns))]
    room = width() - sum(widths[:-1]) - 2 * (len(columns) - 1)
    return [[_line_of(row, columns, widths, room, right=right) for row in group] for group in cells]


def _line_of(
    row: Sequence[str], columns: Sequence[str], widths: Sequence[int], room: int, *, right: Collection[str]
) -> str:
    fixed = [
        cell.rjust(size) if name in right else cell.ljust(size)
        for cell, name, size in zip(row[:-1], columns[:-1], widths[:-1], strict=True)
    ]
    last = row[-1].rjust(widths[-1]) if columns[-1] in right else row[-1]
    lines = wrap(last, room) if room >= _NARROW else [last]
    margin = "\n" + " " * (width() - room)
    return "  ".join([*fixed, margin.join(lines)]).rstrip()


def _cell(value: object) -> str:
    return "" if value is None else value if isinstance(value, Painted) else _clean(str(value))


def width() -> int:
    """The terminal's width; unlimited without a terminal."""
    if not sys.stdout.isatty():
        return 1_000_000
    return get_terminal_size().columns


def wrap(text: str, room: int) -> list[str]:
    """Lines of at most `room` letters, broken at spaces alone."""
    if len(text) <= room:
        return [text]
    return textwrap.wrap(text, room, break_long_words=False, break_on_hyphens=False) or [""]


def colourful(stream: TextIO) -> bool:
    return stream.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


def paint(style: str, text: str, stream: TextIO | None = None) -> Painted:
    """In colour where `stream` (stdout) is a terminal that takes it. `text` is clean."""
    stream = stream or sys.stdout
    return Painted(f"\x1b[{_COLOURS[style]}m{text}\x1b[0m" if colourful(stream) else text)


def cleaned(value: object) -> Any:
    """An answer whose texts are safe for a terminal."""
    if isinstance(value, str):
        return _clean(value)
    if isinstance(value, dict):
        return {key: cleaned(item) for key, item in value.items()}
    return [cleaned(item) for item in value] if isinstance(value, list) else value


def _clean(text: str) -> str:
    """Removes control characters: text that people wrote must not steer the terminal."""
    return "".join(char if char.isprintable() or char == "\n" else "\ufffd" for char in text)


def _print(text: str, stream: TextIO) -> None:
    print(text, file=stream, flush=True)
