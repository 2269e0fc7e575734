"""docs/catalog.md is what the code says, and what it shows as YAML is valid."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_reference_is_current() -> None:
    command = [sys.executable, str(ROOT / "scripts" / "catalog_reference.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
