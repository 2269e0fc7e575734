"""Catalogs for tests: a folder from a few texts."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from modelctl.pipeline import Build, Builder
from modelctl.state.desired import DesiredState, Model

TODAY = date(2026, 11, 22)


def write(folder: Path, files: dict[str, str]) -> Path:
    """`folder` with these files; names without a suffix get `.yaml`."""
    for name, text in files.items():
        path = folder / (name if Path(name).suffix else f"{name}.yaml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def built(folder: Path, files: dict[str, str]) -> Build:
    return Builder(write(folder, files), TODAY).build()


def state(folder: Path, files: dict[str, str]) -> DesiredState:
    """The desired state of a catalog without errors."""
    build = built(folder, files)
    assert build.desired is not None, [str(problem) for problem in build.problems]
    return build.desired


def model(desired: DesiredState, public_name: str) -> Model:
    return next(one for provider in desired.providers for one in provider.models if one.public_name == public_name)
