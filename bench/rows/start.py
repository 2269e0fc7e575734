"""`modelctl check` as a whole process, against the imports that it cannot do without."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from bench.measure import Result, Setting, spread, timed
from modelctl import shipped

WHAT = '`modelctl check` on the shipped catalog, whole process, against `python -c "import typer, pydantic, yaml"`'


def check(setting: Setting) -> Iterator[Result]:
    """Taken in turns, so that a busy moment meets both."""
    program = Path(sys.executable).with_name("modelctl")
    ours = [str(program), "check", "--catalog", str(shipped.catalog())]
    floor = [sys.executable, "-c", "import typer, pydantic, yaml"]
    count = setting.count(30, 7)
    pairs = [(_run(ours), _run(floor)) for _ in range(count + 1)][1:]
    ratios = [mine / bare for mine, bare in pairs]
    details = {"check_s": spread([pair[0] for pair in pairs]), "imports_s": spread([pair[1] for pair in pairs])}
    yield Result(WHAT, "", median(ratios), "x", count, 1.5, beside="LiteLLM boot: 8 to 35 s", details=details)


def _run(command: list[str]) -> float:
    return timed(lambda: subprocess.run(command, check=True, capture_output=True))
