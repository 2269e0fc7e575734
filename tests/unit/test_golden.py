"""Cases that are files: a catalog, a line of dashes, and what must come out (see golden/README.md)."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest
import yaml

from modelctl.build.rendering import render_text
from modelctl.pipeline import Builder
from modelctl.state.router_config import resolve_routes

GOLDEN = Path(__file__).parents[1] / "golden"
TODAY = date(2026, 11, 22)
DASHES = "\n----------\n"


def cases(kind: str) -> list[str]:
    found = sorted(path.stem for path in (GOLDEN / kind).glob("*.txt"))
    assert found, f"no cases in golden/{kind}"
    return found


def run(path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, outcome: object) -> None:
    """Write the case's catalog into `folder`, and compare what `outcome` makes of it."""
    given, dashes, expected = path.read_text(encoding="utf-8").partition(DASHES)
    assert dashes, f"{path} has no line of dashes"
    for part in given.split(">>> ")[1:]:
        name, _, text = part.partition("\n")
        file = folder / "catalog" / name.strip()
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    (folder / "catalog").mkdir(exist_ok=True)
    monkeypatch.chdir(folder)
    found = outcome()  # type: ignore[operator]
    if os.environ.get("MODELCTL_GOLDEN") == "write":
        path.write_text(given + DASHES + found, encoding="utf-8")
    assert found == expected


@pytest.mark.parametrize("name", cases("check"))
def test_check(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def problems() -> str:
        found = Builder(Path("catalog"), TODAY).build()
        assert (found.desired is None) == any(problem.severity == "error" for problem in found.problems)
        return "".join(f"{problem}\n" for problem in found.problems) or "no problems\n"

    run(GOLDEN / "check" / f"{name}.txt", tmp_path, monkeypatch, problems)


@pytest.mark.parametrize("name", cases("render"))
def test_render(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def rendered() -> str:
        found = Builder(Path("catalog"), TODAY).build()
        assert found.desired, found.problems
        text = render_text(found.desired)
        assert yaml.load(text, yaml.CSafeLoader) == resolve_routes(found.desired, {}).config()
        return text

    run(GOLDEN / "render" / f"{name}.txt", tmp_path, monkeypatch, rendered)
