"""Which LiteLLM the tests' processes run: the one beside them, or one of another line (`pytest --line 1.110`).

Only processes that run LiteLLM take the other interpreter. Its environment may hold modelctl or not; it gets ours.
"""

from __future__ import annotations

import os
import subprocess
import sys
from functools import cache
from pathlib import Path

from modelctl.litellm_spec import supported_lines

ROOT = Path(__file__).parents[2]
VARIABLE = "MODELCTL_TEST_PYTHON"


def choose(line: str) -> None:
    """From now on processes that run LiteLLM run that line; `line` may be the path of an interpreter too."""
    found = Path(line) if "/" in line else ROOT / ".lines" / line / "bin" / "python"
    if not found.exists():
        raise SystemExit(f"{found} is not there; `make lines LINE={line}` makes the environment of a line")
    os.environ[VARIABLE] = str(found)


def python() -> Path:
    """The interpreter that runs LiteLLM."""
    return Path(os.environ.get(VARIABLE, sys.executable))


def python_before() -> Path:
    """The interpreter that runs the line before the one under test; the pinned one where there is none such here."""
    names = [line.name for line in supported_lines.lines()]
    at = names.index(supported_lines.line_of(litellm_release()))
    found = ROOT / ".lines" / names[max(at - 1, 0)] / "bin" / "python"
    return found if found.exists() else Path(sys.executable)


def program(name: str) -> Path:
    """A command that is installed beside LiteLLM."""
    return python().with_name(name)


def modules(*folders: Path) -> dict[str, str]:
    """PYTHONPATH for such a process: the folders, and our own source where another interpreter runs."""
    ours = [ROOT / "src"] if VARIABLE in os.environ else []
    paths = [str(path) for path in (*folders, *ours)]
    return {"PYTHONPATH": os.pathsep.join(paths)} if paths else {}


def litellm_release() -> str:
    """The release that runs."""
    return release_of(python())


@cache
def release_of(interpreter: Path) -> str:
    ask = "import importlib.metadata; print(importlib.metadata.version('litellm'))"
    return subprocess.run([interpreter, "-c", ask], check=True, capture_output=True, text=True).stdout.strip()
