"""The command line: inside this process where that is enough, as a program where it is not."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from modelctl.cli import main
from support.warm import run_warm

COLOUR = re.compile(r"\x1b\[\d+m")


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


def call(*argv: str | Path) -> Ran:
    """`modelctl ARGV` as a function call; stdout and stderr are no terminal."""
    out, err = StringIO(), StringIO()
    code: object = 0
    with redirect_stdout(out), redirect_stderr(err):
        try:
            main([str(part) for part in argv])
        except SystemExit as ended:
            code = ended.code
    return Ran(code if isinstance(code, int) else int(code is not None), out.getvalue(), err.getvalue())


class Terminal(StringIO):
    """What is written to it is shown to a person."""

    def isatty(self) -> bool:
        return True


def seen(*argv: str | Path, columns: int = 80) -> Ran:
    """`modelctl ARGV` as a person sees it on a terminal so wide; without the colours."""
    before = {name: os.environ.get(name) for name in ("COLUMNS", "TERM", "NO_COLOR")}
    os.environ |= {"COLUMNS": str(columns), "TERM": "xterm-256color"}
    os.environ.pop("NO_COLOR", None)
    out, err = Terminal(), Terminal()
    code: object = 0
    try:
        with redirect_stdout(out), redirect_stderr(err):
            main([str(part) for part in argv])
    except SystemExit as ended:
        code = ended.code
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            os.environ |= {} if value is None else {name: value}
    return Ran(code if isinstance(code, int) else int(code is not None), out.getvalue(), err.getvalue())


def plain(text: str) -> str:
    """Without colours."""
    return COLOUR.sub("", text)


def program(*argv: str | Path, cwd: Path, env: Mapping[str, str] | None = None, timeout: float = 60) -> Ran:
    """The same as a program of its own."""
    return Ran(*run_warm(["modelctl", *argv], cwd=cwd, env=_environment(env), timeout=timeout))


def called(*argv: str | Path, cwd: Path, env: Mapping[str, str] | None = None) -> Ran:
    """What `program` gives, from inside this process: for commands that end by themselves, in a tenth of the time."""
    before = dict(os.environ)
    try:
        _become(_environment(env))
        with chdir(cwd):
            return call(*argv)
    finally:
        _become(before)


def _environment(env: Mapping[str, str] | None) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("MODELCTL_", "LITELLM_"))}
    return {**clean, **(env or {})}


def _become(env: Mapping[str, str]) -> None:
    for name in set(os.environ) - set(env):
        del os.environ[name]
    os.environ.update(env)
