"""Makes an environment with another line of LiteLLM, and says where its Python is.

    python scripts/line_environment.py 1.110          .lines/1.110, made once and kept
    python scripts/line_environment.py 1.110 --again  made anew

Only Python and pip are needed. It starts as a copy (hard links) of the environment that runs this script, which holds
the pinned line; pip then puts the other LiteLLM in. `litellm[proxy]` of a newer line asks for exact versions of its
side packages that an index may lack, so LiteLLM comes with `--no-deps`, and what that line needs beyond the
pinned one's dependencies is in `src/modelctl/litellm_spec/litellm_lines.json` (`beside`).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

from modelctl.litellm_spec.supported_lines import Line, find, table

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / ".lines"
CONSTRAINTS = ROOT / "constraints.txt"


def python_of(line: Line) -> Path:
    return FOLDER / line.name / "bin" / "python"


def ensure(line: Line, again: bool = False) -> Path:
    """The line's Python; its environment is made where there is none, or where it was made from other pins."""
    made, recipe = FOLDER / line.name / ".made", _recipe(line)
    if again or not made.exists() or made.read_text() != recipe:
        say(f"LiteLLM {line.release}: making {made.parent.relative_to(ROOT)}")
        _make(line)
        made.write_text(recipe)
    return python_of(line)


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _recipe(line: Line) -> str:
    """What an environment is made from, as one digest."""
    parts = [line.release, line.install, json.dumps(table()["beside"]), CONSTRAINTS.read_text(), sys.version]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _make(line: Line) -> None:
    folder = FOLDER / line.name
    shutil.rmtree(folder, ignore_errors=True)
    venv.create(folder, symlinks=True, with_pip=False)
    inside = Path(sysconfig.get_path("purelib")).relative_to(sys.prefix)
    shutil.copytree(
        sysconfig.get_path("purelib"), folder / inside, symlinks=True, dirs_exist_ok=True, copy_function=_link
    )
    for arguments in _installs(line):
        _pip(line, *arguments)


def _link(source: str, target: str) -> None:
    """pip replaces files and never writes into one, so the copy may share them."""
    try:
        os.link(source, target)
    except OSError:  # another file system
        shutil.copy2(source, target)


def _installs(line: Line) -> list[list[str]]:
    """The arguments of each `pip install`."""
    release = f"litellm=={line.release}"
    if line.install == "ordinary":
        return [["--force-reinstall", "--no-deps", release]]
    beside = table()["beside"]
    return [
        ["-c", str(CONSTRAINTS), *beside["with_dependencies"]],
        ["--force-reinstall", "--no-deps", release],
        ["--upgrade", "--no-deps", *beside["alone"]],
    ]


def _pip(line: Line, *arguments: str) -> None:
    command = [str(python_of(line)), "-m", "pip", "install", "-q", "--disable-pip-version-check", *arguments]
    say(f"  pip install {' '.join(arguments).replace(f'{ROOT}/', '')}")
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        shutil.rmtree(FOLDER / line.name, ignore_errors=True)
        sys.exit(
            f"{done.stderr.strip()}\nthe environment for LiteLLM {line.release} cannot be made (pip's words above)"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("line", nargs="+", help="such as 1.110")
    parser.add_argument("--again", action="store_true", help="make it anew")
    given = parser.parse_args()
    for name in given.line:
        print(ensure(find(name), given.again))


if __name__ == "__main__":
    main()
