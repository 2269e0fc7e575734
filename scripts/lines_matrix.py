"""Runs the tests of the matrix on each line of LiteLLM, and writes docs/litellm.md from what came out.

    python scripts/lines_matrix.py                        every area on every line
    python scripts/lines_matrix.py 1.110 --area smoke     one area on one line; the rest of the page stays as it was
    python scripts/lines_matrix.py 1.106 --report r.xml   its areas from a run of the whole suite (--junitxml)
    python scripts/lines_matrix.py --page                 write the page again from what was recorded (--check: compare)

What came out is kept in docs/litellm.json, by line and area.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from line_environment import ensure
from lines_page import PAGE, RECORD, page

from modelctl.litellm_spec.supported_lines import Line, find, lines

ROOT = Path(__file__).parents[1]
UPGRADE = "upgrade to it"  # from the line before, which the oldest has not
AREAS = {
    "smoke": ("tests/litellm/test_line_smoke.py",),
    "what rules say": ("tests/litellm/test_line_claims.py",),
    "contract": ("tests/litellm/test_litellm_contract.py",),
    "hook = boot": ("tests/litellm/test_hook_equals_boot.py",),
    "stored state": ("tests/litellm/test_hook_boot.py",),
    "file mode": ("tests/litellm/test_file_mode.py",),
    "refusal, undo, routes": ("tests/litellm/test_hook_apply.py",),
    "prices and facts": ("tests/litellm/test_hook_facts.py",),
    "usage": ("tests/litellm/test_usage_wire.py", "tests/litellm/test_usage_tag.py"),
    "guards, shares, proofs": tuple(f"tests/litellm/test_usage_{name}.py" for name in ("guard", "split", "proof")),
    "health, one request": ("tests/litellm/test_health.py", "tests/litellm/test_explain_request.py"),
    "blocks, keys": ("tests/litellm/test_block_live.py", "tests/litellm/test_key_files_live.py"),
    UPGRADE: ("tests/litellm/test_upgrade_lines.py",),
    "under load": ("tests/litellm/test_hook_under_load.py", "tests/litellm/test_wire_under_load.py"),
}


def run(line: Line, files: tuple[str, ...]) -> dict[str, Any]:
    """One area on one line: how many tests passed, and which did not."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        command = [sys.executable, "-m", "pytest", "-q", "--line", line.name, f"--junitxml={report}", *files]
        subprocess.run(command, cwd=ROOT, check=False, stdout=sys.stderr)
        suite = xml.parse(report).getroot().find("testsuite") if report.exists() else None
    if suite is None:
        return {"passed": 0, "failed": ["pytest did not run"], "seconds": 0}
    return result(suite.findall("testcase"))


def result(cases: list[xml.Element]) -> dict[str, Any]:
    bad = [case.get("name") for case in cases if case.find("failure") is not None or case.find("error") is not None]
    seconds = round(sum(float(case.get("time", 0)) for case in cases))
    return {"passed": len(cases) - len(bad), "failed": bad, "seconds": seconds}


def taken(report: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """The areas of which a run of the whole suite has something to say."""
    cases = xml.parse(report).getroot().findall(".//testcase")
    for area, files in AREAS.items():
        modules = {file.removesuffix(".py").replace("/", ".") for file in files}
        found = [case for case in cases if case.get("classname") in modules]
        if found:
            yield area, result(found)


def record(line: Line, area: str, result: dict[str, Any]) -> None:
    """Each result is written at once: a run that is stopped loses nothing."""
    known = json.loads(RECORD.read_text()) if RECORD.exists() else {}
    day = datetime.now(UTC).date().isoformat()
    known.setdefault(line.name, {})[area] = {**result, "release": line.release, "day": day}
    RECORD.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    PAGE.write_text(page(list(AREAS)), encoding="utf-8")


def matrix(names: list[str], areas: list[str]) -> int:
    failed = 0
    for line in [find(name) for name in names] or list(lines()):
        ensure(line)
        ensure(before(line))  # which the upgrade to it starts from
        for area in areas or [area for area in AREAS if area != UPGRADE or before(line) != line]:
            print(f"LiteLLM {line.release}: {area}", file=sys.stderr, flush=True)
            result = run(line, AREAS[area])
            record(line, area, result)
            failed += len(result["failed"])
    return failed


def before(line: Line) -> Line:
    known = lines()
    return known[max(known.index(line) - 1, 0)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("line", nargs="*", help="such as 1.110; none: every line")
    parser.add_argument("--area", action="append", choices=AREAS, help="only this area (may be repeated)")
    parser.add_argument("--page", action="store_true", help="write docs/litellm.md again, run nothing")
    parser.add_argument("--check", action="store_true", help="say whether docs/litellm.md is what was recorded")
    parser.add_argument("--report", type=Path, help="a report of pytest's on the one line that is named")
    given = parser.parse_args()
    if given.check:
        sys.exit(0 if PAGE.read_text() == page(list(AREAS)) else "docs/litellm.md is not current: make docs")
    if given.page:
        PAGE.write_text(page(list(AREAS)), encoding="utf-8")
        return
    if given.report:
        for area, found in taken(given.report):
            record(find(given.line[0]), area, found)
        return
    sys.exit(1 if matrix(given.line, given.area or []) else 0)


if __name__ == "__main__":
    main()
