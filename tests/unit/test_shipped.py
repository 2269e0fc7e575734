"""The catalog and templates that come along: found in each kind of install, and without a fault."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from datetime import date
from pathlib import Path

import yaml

from modelctl import shipped
from modelctl.build.rendering import TEMPLATE, render_text
from modelctl.pipeline import Builder
from modelctl.state.router_config import resolve_routes

ROOT = Path(__file__).parents[2]
REVIEWED = date(2026, 11, 22)  # as in test_shipped_catalog: what a later day retires is a warning then
ASK = "from modelctl import shipped; print(shipped.catalog()); print(shipped.templates())"


def test_the_catalog_has_no_problem_and_renders() -> None:
    build = Builder(shipped.catalog(), REVIEWED).build()
    assert build.problems == []
    assert build.desired is not None
    text = render_text(build.desired)
    assert yaml.load(text, yaml.CSafeLoader) == resolve_routes(build.desired, {}).config()
    assert "demo" in build.desired.public_names
    assert len(build.desired.deployments) >= 30


def test_found_in_a_checkout(tmp_path: Path) -> None:
    """The environment that runs the tests has the checkout installed, as `make setup` does."""
    found = subprocess.run([sys.executable, "-c", ASK], cwd=tmp_path, check=True, capture_output=True, text=True)
    assert found.stdout.split() == [str(ROOT / "catalog"), str(ROOT / "templates")]


def test_found_beside_sources_that_are_not_installed(tmp_path: Path) -> None:
    for name in ("catalog", "templates", "src"):
        (tmp_path / name).symlink_to(ROOT / name)
    code = f"import sys; sys.path.insert(0, {str(tmp_path / 'src')!r}); {ASK}"
    found = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, capture_output=True, text=True)
    assert Path(found.stdout.split()[0]).samefile(ROOT / "catalog")


def test_found_in_a_wheel(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "installed")
    code = f"import sys; sys.path.insert(0, {str(tmp_path / 'installed')!r}); {ASK}"
    found = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, capture_output=True, text=True)
    catalog, templates = (Path(line) for line in found.stdout.split())
    assert catalog == tmp_path / "installed" / "modelctl" / "shipped" / "catalog"
    assert (catalog / "providers" / "openai.yaml").is_file()
    assert (templates / TEMPLATE).is_file()
    assert (tmp_path / "installed" / "modelctl" / "py.typed").is_file()
    data = tmp_path / "installed" / "modelctl" / "litellm_spec"
    assert {"litellm_keys.json", "retired_models.json"} <= {file.name for file in data.iterdir()}
