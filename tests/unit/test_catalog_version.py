"""`version` in proxy.yaml: optional; what this modelctl does not know is an error, before anything is misread."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelctl.catalog.schema_tops import CATALOG_VERSION
from modelctl.pipeline import build
from modelctl.state.router_config import resolve_routes
from support.catalogs import write

FILES = {"providers/a": "models: {fast: {}}", "routes": "active: {target: fast}"}


@pytest.mark.parametrize("text", [f"version: {CATALOG_VERSION}", "version:"])
def test_a_known_version_changes_nothing(tmp_path: Path, text: str) -> None:
    made, plain = build(write(tmp_path / "one", {**FILES, "proxy": text})), build(write(tmp_path / "two", FILES))
    assert made.desired is not None
    assert plain.desired is not None
    assert made.desired.revision == plain.desired.revision
    assert "version" not in resolve_routes(made.desired, {}).config()


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        ("2", "update modelctl"),
        ("0", "version: 1"),
        ("'1'", "version: 1"),
        ("1.0", "version: 1"),
        ("true", "version: 1"),
    ],
)
def test_an_unknown_version_is_an_error_with_a_hint(tmp_path: Path, value: str, hint: str) -> None:
    made = build(write(tmp_path, {**FILES, "proxy": f"hook: true\nversion: {value}"}))
    (problem,) = [each for each in made.problems if each.severity == "error"]
    assert (problem.rule, problem.line, problem.hint) == ("bad-value", 2, hint)
    assert "takes 1" in problem.message
    assert made.desired is None
