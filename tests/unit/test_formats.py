"""Problems for other programs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from modelctl.cli import formats
from modelctl.errors import Problem
from support.cli import call

PROBLEMS = [
    Problem("unknown-key", "`a`, b: 100 %", "catalog/a b.yaml", 3, 5, hint="two\nlines"),
    Problem("drop-params", "hides mistakes", "x.yaml", 1, 1, "info"),
    Problem("empty-catalog", "no models", "catalog"),
    Problem("unused-suppression", "nothing here", "/abs/x.yaml", 2, 0, "warning"),
]


def test_github() -> None:
    assert list(formats.github(PROBLEMS)) == [
        "::error file=catalog/a b.yaml,line=3,col=5,title=unknown-key::`a`, b: 100 %25%0Ahint: two%0Alines",
        "::notice file=x.yaml,line=1,col=1,title=drop-params::hides mistakes",
        "::error file=catalog,title=empty-catalog::no models",
        "::warning file=/abs/x.yaml,line=2,title=unused-suppression::nothing here",
    ]


def test_github_properties_are_escaped() -> None:
    (line,) = formats.github([Problem("unknown-key", "x", "a,b:c%.yaml", 1, 1)])
    assert line == "::error file=a%2Cb%3Ac%25.yaml,line=1,col=1,title=unknown-key::x"


def test_sarif() -> None:
    """The structure that SARIF 2.1.0 asks for: what is required is there, and every reference leads somewhere."""
    said = json.loads(json.dumps(formats.sarif(PROBLEMS)))
    assert said["version"] == "2.1.0"
    (run,) = said["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["drop-params", "empty-catalog", "unknown-key", "unused-suppression"]
    assert all(rule["help"]["text"] and rule["shortDescription"]["text"] for rule in rules)
    results = run["results"]
    assert [rules[result["ruleIndex"]]["id"] for result in results] == [result["ruleId"] for result in results]
    assert [result["level"] for result in results] == ["error", "note", "error", "warning"]
    places = [result["locations"][0]["physicalLocation"] for result in results]
    assert [place["artifactLocation"]["uri"] for place in places] == [
        "catalog/a%20b.yaml", "x.yaml", "catalog", "file:///abs/x.yaml",
    ]  # fmt: skip
    assert [place.get("region") for place in places] == [
        {"startLine": 3, "startColumn": 5},
        {"startLine": 1, "startColumn": 1},
        None,
        {"startLine": 2, "startColumn": 1},
    ]


CONFIG = """\
# models
model_list:
  - model_name: 4.1 # the large one
    litellm_params: {model: azure/gpt-4.1, api_version: 20240101, input_cost_per_token: 3e-06}
  - model_name: local
    litellm_params:
      model: openai/local
      api_base: "http://vllm:8000/v1/"  # ours
      rpm: 1.5
router_settings:
  fallbacks:
    - local: "4.1"  # keep
  model_group_alias: {5: local}
litellm_settings: {default_fallbacks: local}
"""
MENDED = """\
# models
model_list:
  - model_name: "4.1" # the large one
    litellm_params: {model: azure/gpt-4.1, api_version: "20240101", input_cost_per_token: 3.0e-06}
  - model_name: local
    litellm_params:
      model: openai/local
      api_base: "http://vllm:8000/v1"  # ours
      rpm: 1.5
router_settings:
  fallbacks:
    - local: ["4.1"]  # keep
  model_group_alias: {"5": local}
litellm_settings: {default_fallbacks: [local]}
"""


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "litellm_config.yaml"
    path.write_text(CONFIG)
    return path


def test_fix_keeps_comments_and_layout(config: Path) -> None:
    ran = call("check", config, "--fix")
    assert config.read_text() == MENDED
    assert ran.code == 1  # `rpm: 1.5` has more than one right answer
    assert "error[mistyped-value]: `rpm` takes a whole number" in ran.out
    assert call("check", config, "--fix").err == ""
    assert config.read_text() == MENDED


def test_fix_keeps_line_ends_and_marks(config: Path) -> None:
    config.write_bytes(b"\xef\xbb\xbf" + CONFIG.replace("\n", "\r\n").encode())
    call("check", config, "--fix")
    assert config.read_bytes() == b"\xef\xbb\xbf" + MENDED.replace("\n", "\r\n").encode()


def test_diff_changes_nothing(config: Path) -> None:
    ran = call("check", config, "--diff")
    assert config.read_text() == CONFIG
    assert '-      api_base: "http://vllm:8000/v1/"  # ours\n+      api_base: "http://vllm:8000/v1"  # ours' in ran.out


def test_fix_in_a_catalog(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "catalog" / "providers" / "openai.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(
        "api_key: ${OPENAI_API_KEY} # ours\nmodels:\n  4.1: {model: gpt-4.1}\n  gpt-5: {price: {input: 1e-1}}\n"
    )
    call("check", "--fix")
    assert path.read_text() == (
        "api_key: os.environ/OPENAI_API_KEY # ours\nmodels:\n"
        '  "4.1": {model: gpt-4.1}\n  gpt-5: {price: {input: 1.0e-1}}\n'
    )


@pytest.mark.parametrize("format", ["github", "sarif", "json", "text"])
def test_check_prints_every_format(config: Path, format: str) -> None:
    ran = call("check", config, "--format", format)
    assert (ran.code, ran.err) == (1, "")
    assert "malformed-entry" in ran.out


def test_strict_and_required_variables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("NOT_SET_ANYWHERE", raising=False)
    path = tmp_path / "litellm_config.yaml"
    path.write_text(
        "model_list:\n- model_name: gpt\n"
        "  litellm_params: {model: openai/gpt-5, api_key: os.environ/NOT_SET_ANYWHERE}\n"
    )
    codes = [call("check", path, *more).code for more in ([], ["--strict"], ["--env-required"])]
    assert codes == [0, 1, 1]
    (tmp_path / ".env").write_text("NOT_SET_ANYWHERE=here\n")
    assert call("check", path, "--env-required").code == 0
    monkeypatch.delenv("NOT_SET_ANYWHERE", raising=False)
