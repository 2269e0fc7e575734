"""The one door for output: the answer on stdout, the rest on stderr, colour on a terminal alone."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, TextIO

from modelctl.errors import ModelctlError, Problem
from modelctl.masking import mask

_COLOURS = {"error": "31", "warning": "33", "info": "36", "hint": "32", "dim": "2", "bold": "1"}
_TAB = 4
_LONGEST = 2000  # characters of a line that anybody would read


def out(text: str = "") -> None:
    """A line of the answer. Flushed, so that a full disk is met here and not when the process ends."""
    print(_clean(text), flush=True)


def say(text: str) -> None:
    """A remark beside the answer."""
    _print(_clean(text), sys.stderr)


def data(value: Any) -> None:
    """The answer for machines."""
    print(json.dumps(value, indent=2, ensure_ascii=False, default=str), flush=True)


def failure(error: ModelctlError) -> None:
    """What stood in the way, on stderr."""
    problems(error.problems, stream=sys.stderr)
    _print(f"{_paint('error', 'error', sys.stderr)}: {_clean(error.message)}", sys.stderr)
    if error.hint:
        _print(f"  {_paint('hint', 'hint', sys.stderr)}: {_clean(error.hint)}", sys.stderr)


def problems(found: Iterable[Problem], root: Path | None = None, stream: TextIO | None = None) -> None:
    """Each problem with its source line and a caret below the place, to stdout unless told otherwise."""
    stream = stream or sys.stdout
    for problem in found:
        _print(problem_text(problem, root, stream), stream)


def problem_text(problem: Problem, root: Path | None = None, stream: TextIO | None = None) -> str:
    stream = stream or sys.stdout
    place = ":".join(str(part) for part in (problem.file, problem.line, problem.column) if part)
    head = _paint("bold", f"{_clean(place)}: ", stream) if place else ""
    lines = [f"{head}{_paint(problem.severity, problem.severity, stream)}[{problem.rule}]: {_clean(problem.message)}"]
    lines += _quote(problem, root, stream)
    if problem.hint:
        lines.append(f"  {_paint('hint', 'hint', stream)}: {_clean(problem.hint)}")
    return "\n".join(lines)


def _quote(problem: Problem, root: Path | None, stream: TextIO) -> list[str]:
    """The line that is meant, and a caret. Nothing where it cannot be read (any more)."""
    if not problem.line or not problem.file:
        return []
    here = Path(problem.file)
    line = _line(here if here.exists() or root is None else root / here, problem.line)
    text = _clean(mask(line, {}).replace("\t", " " * _TAB))[:200]
    if not text.strip():
        return []
    margin = f"  {problem.line} | "
    quoted = [_paint("dim", margin, stream) + text]
    if problem.column:
        before = line[: problem.column - 1]
        quoted.append(
            " " * (len(margin) + len(before.replace("\t", " " * _TAB))) + _paint(problem.severity, "^", stream)
        )
    return quoted


def _line(path: Path, number: int) -> str:
    """Nothing where a secret stands in it, whatever the problem is about."""
    from modelctl.rules.quoting import masked_line

    try:
        status = path.stat()
        lines = _lines(path, status.st_mtime_ns, status.st_size, status.st_ino)
    except OSError:
        return ""
    if number > len(lines) or len(lines[number - 1]) > _LONGEST:
        return ""
    return lines[number - 1] if masked_line(lines, number - 1) == lines[number - 1] else ""


@lru_cache(maxsize=2)
def _lines(path: Path, *look: int) -> list[str]:
    """The problems of a file come one after the other: it is read once, until it looks different."""
    with open(path, encoding="utf-8", errors="replace") as file:
        return [line.rstrip("\n") for line in file]


def count(found: Sequence[Problem]) -> str:
    """`3 errors, 1 warning`; empty when there is nothing."""
    words = []
    for kind, noun in (("error", "error"), ("warning", "warning"), ("info", "remark")):
        number = sum(one.severity == kind for one in found)
        words += [f"{number} {noun}{'' if number == 1 else 's'}"] if number else []
    return ", ".join(words)


def table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Aligned columns; by rich on a terminal that is wide enough, plain elsewhere so that `grep` and `awk` work."""
    cells = [["" if cell is None else _clean(str(cell)) for cell in row] for row in rows]
    if colourful(sys.stdout) and _rich_table(columns, cells):
        return
    widths = [max(len(row[at]) for row in [list(columns), *cells]) for at in range(len(columns))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in [[name.upper() for name in columns], *cells]
    ]
    print("\n".join(lines), flush=True)


def _rich_table(columns: Sequence[str], cells: Sequence[Sequence[str]]) -> bool:
    """False where it does not fit: a name that is cut in the middle cannot be copied."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    shown = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in columns:
        shown.add_column(name, no_wrap=True)
    for row in cells:
        shown.add_row(*(escape(cell) for cell in row))
    if Console(width=100_000).measure(shown).maximum > Console().width:
        return False
    Console().print(shown)
    return True


def colourful(stream: TextIO) -> bool:
    return stream.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


def _paint(style: str, text: str, stream: TextIO) -> str:
    return f"\x1b[{_COLOURS[style]}m{text}\x1b[0m" if colourful(stream) else text


def _clean(text: str) -> str:
    """What people wrote must not steer the terminal."""
    return "".join(char if char.isprintable() or char == "\n" else "\ufffd" for char in text)


def _print(text: str, stream: TextIO) -> None:
    print(text, file=stream, flush=True)
