"""`check --fix`: the edits of `modelctl.check.fixes`, written in one step or shown as a diff."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import unified_diff
from itertools import groupby
from pathlib import Path

from modelctl.check.fixes import file_of, fixed
from modelctl.check.quoting import masked
from modelctl.cli import output
from modelctl.cli.written_file import write_file
from modelctl.errors import Problem

_BOM = b"\xef\xbb\xbf"


def mend(problems: Sequence[Problem], root: Path, *, write: bool) -> bool:
    """Whether anything was written. Without `write` the edits are shown only."""
    wrote = False
    for file, same in groupby(sorted(problems, key=lambda problem: problem.file), key=lambda each: each.file):
        found = list(same)
        path = file_of(found[0], root)
        raw = path.read_bytes() if path else b""
        try:
            text = raw.removeprefix(_BOM).decode()
        except UnicodeDecodeError:
            continue
        after, mended = fixed(text, found)
        if path is None or not mended:
            continue
        if write:
            write_file(path, (_BOM if raw.startswith(_BOM) else b"") + after.encode())
            output.say(f"{file}: fixed {', '.join(sorted({each.rule for each in mended}))}")
            wrote = True
        else:
            output.out("\n".join(_diff(text, after, file)) or f"{file}: the diff would show a secret")
    return wrote


def _diff(before: str, after: str, file: str) -> Iterator[str]:
    """The diff with secrets redacted in its context lines; empty where they cannot be redacted."""
    old, new = masked(before), masked(after)
    if old is not None and new is not None:
        yield from unified_diff(old.splitlines(), new.splitlines(), file, f"{file} (mended)", lineterm="", n=1)
