"""The hook and the component in jsdom (vitest), as they were installed by the CLI; `units/` has the tests."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support.react import HOME, PACKAGES, installed, node

pytestmark = pytest.mark.browser
LEAST = 16


def test_the_units(tmp_path: Path) -> None:
    project = installed(tmp_path)
    report = tmp_path / "report.json"
    options = ("run", "--reporter=default", "--reporter=json", f"--outputFile.json={report}")
    done = node(PACKAGES / "vitest" / "vitest.mjs", *options, cwd=HOME, PROJECT=str(project))
    assert done.returncode == 0, done.stdout + done.stderr
    counted = json.loads(report.read_text())
    assert counted["numPassedTests"] == counted["numTotalTests"] >= LEAST
