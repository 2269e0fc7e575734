"""What a preflight finds out from the real LiteLLM."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelctl.pipeline import build
from modelctl.project import environment
from modelctl.state.router_config import resolve_routes
from modelctl.trial.environments import candidate
from modelctl.trial.preflight import Preflight, tried
from support.api_server import write_catalog
from support.lines import litellm_release, python

pytestmark = pytest.mark.boots


def test_a_sound_revision_passes_and_is_tried_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desired = build(write_catalog(tmp_path)).sound()
    preflight = Preflight(environment(), str(python()))
    assert preflight(desired) == ()
    monkeypatch.setattr("modelctl.trial.preflight.tried", None)  # a second start would fail
    assert preflight(desired) == ()


def test_what_litellm_does_not_start_with_is_named(tmp_path: Path) -> None:
    config = resolve_routes(build(write_catalog(tmp_path)).sound(), {}).config()
    fallbacks = [*config["router_settings"].get("fallbacks", []), "fast"]
    broken = {**config, "router_settings": {**config["router_settings"], "fallbacks": fallbacks}}
    (problem,) = tried(broken, candidate(str(python())), environment())
    start = f"LiteLLM {litellm_release()} does not start with router_settings.fallbacks[{len(fallbacks) - 1}]: "
    assert problem.message.startswith(start)
    assert (problem.rule, problem.severity) == ("failed-preflight", "error")


def test_an_environment_without_litellm_is_a_problem_and_no_crash(tmp_path: Path) -> None:
    desired = build(write_catalog(tmp_path)).sound()
    (problem,) = Preflight(environment(), str(tmp_path / "python"))(desired)
    assert "cannot run" in problem.message
