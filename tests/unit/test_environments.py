"""Overlays: what an environment says differently, checked, rendered and planned like the rest."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from modelctl.catalog.env_overlay import merged
from modelctl.pipeline import Build, Builder, build
from support.api_server import write_catalog
from support.cli import call

PROD = """\
providers:
  acme:
    api_base: https://acme.example.org/v1
    models:
      fast: {params: {timeout: 20}, price: {output: 3}}
      tiny: null
      extra: {mode: chat}
routes:
  active: {target: slow}
proxy:
  router_settings: {timeout: 60}
"""


@pytest.fixture
def catalog(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("MODELCTL_ENV", raising=False)
    return write_catalog(tmp_path, environments_prod=PROD)


def built(catalog: Path, name: str | None = "prod") -> Build:
    return build(catalog, environment=name)


def test_overlay_changes_adds_and_takes_away(catalog: Path) -> None:
    desired = built(catalog).desired
    assert desired is not None
    groups = {each.group: each for each in desired.deployments.values()}
    assert groups["fast"].params["timeout"] == 20
    assert groups["fast"].params["api_base"] == "https://acme.example.org/v1"
    assert ("extra" in groups, "tiny" in groups) == (True, False)
    assert desired.routes["active"].target == "slow"
    assert desired.routes["active"].requires == {"tools": True, "context_window": 4000}
    assert desired.settings["router_settings"] == {"timeout": 60}
    fast = next(one for each in desired.providers for one in each.models if one.public_name == "fast")
    assert (fast.price["input"], fast.price["output"]) == (1, 3)


def test_without_the_name_nothing_is_different(catalog: Path) -> None:
    plain = built(catalog, None).desired
    assert plain is not None
    assert plain.routes["active"].target == "fast"
    (catalog / "environments" / "prod.yaml").unlink()
    again = built(catalog, None).desired
    assert again is not None
    assert again.revision == plain.revision


def test_a_model_in_a_file_of_its_own(catalog: Path) -> None:
    (catalog / "providers" / "acme").mkdir()
    (catalog / "providers" / "acme" / "own.yaml").write_text("mode: chat\ncontext_window: 5\n")
    write_catalog(catalog.parent, environments_prod="providers: {acme: {models: {own: {context_window: 7}}}}\n")
    desired = built(catalog).desired
    assert desired is not None
    own = next(one for each in desired.providers for one in each.models if one.id == "own")
    assert own.context_window == 7


@pytest.mark.parametrize(
    ("overlay", "rule", "place"),
    [
        ("providers:\n  acme:\n    models:\n      fast: {parms: {}}\n", "unknown-key", "prod.yaml:4:14"),
        ("routes:\n  active: {target: nobody}\n", "unknown-model", "prod.yaml:2:20"),
        ("rotues: {}\n", "unknown-key", "prod.yaml:1:1"),
        ("providers:\n  acmee: {}\n", "unknown-provider", "prod.yaml:2:3"),
        ("- a list\n", "bad-value", "prod.yaml:1:1"),
        ("a: [\n", "yaml-syntax", "prod.yaml:1:1"),
        ("proxy:\n  router_setings: {}\n", "unknown-key", "prod.yaml:2:3"),
    ],
)
def test_problems_are_told_where_they_were_written(catalog: Path, overlay: str, rule: str, place: str) -> None:
    write_catalog(catalog.parent, environments_prod=overlay)
    found = built(catalog)
    assert found.desired is None
    told = [(problem.rule, f"{Path(problem.file).name}:{problem.line}:{problem.column}") for problem in found.problems]
    assert (rule, place) in told


def test_unknown_environment_names_those_there_are(catalog: Path) -> None:
    ran = call("check", "--env", "staging")
    assert ran.code == 1
    assert "error[unknown-environment]: there is no environment `staging`; there are `prod`" in ran.out


def test_render_and_plan_of_an_environment(catalog: Path) -> None:
    assert call("render", "--env", "prod").code == 0
    rendered = yaml.safe_load((catalog.parent / "litellm_config.prod.yaml").read_text())
    assert rendered["router_settings"]["model_group_alias"]["active"] == "slow"
    assert not (catalog.parent / "litellm_config.yaml").exists()
    assert call("plan", "--env", "prod").out == "no changes\n"
    write_catalog(catalog.parent, environments_prod=PROD.replace("target: slow", "target: fast"))
    assert "~ active slow -> fast" in call("plan", "--env", "prod").out


def test_the_variable_names_it_too(catalog: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODELCTL_ENV", "prod")
    assert "extra" in call("list").out


def test_an_edit_of_the_overlay_is_seen_again(catalog: Path) -> None:
    builder = Builder(catalog, environment="prod")
    first = builder.build().desired
    write_catalog(catalog.parent, environments_prod=PROD.replace("timeout: 20", "timeout: 21"))
    second = builder.build().desired
    assert first is not None
    assert second is not None
    assert len(first.deployments.keys() - second.deployments.keys()) == 1


@pytest.mark.parametrize(
    ("base", "over", "wanted"),
    [
        ({"a": 1}, {"b": 2}, {"a": 1, "b": 2}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": None}}, {"a": {"c": 2}}),
        ({"a": [1, 2]}, {"a": [3]}, {"a": [3]}),
        ({"a": None}, {}, {"a": None}),
        ({"a": None}, {"a": {"b": 1}}, {"a": {"b": 1}}),
        ({}, {"a": {"b": None, "c": 1}}, {"a": {"c": 1}}),
        ({"a": 1}, {"a": None}, {}),
    ],
)
def test_merging(base: object, over: object, wanted: object) -> None:
    assert merged(base, over) == wanted


def test_check_without_a_name_looks_at_every_overlay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_catalog(
        tmp_path, providers_openai="api_key: none\nmodels: {gpt-5-mini: {}}\n", routes="active: {target: gpt-5-mini}\n"
    )
    (tmp_path / "catalog/environments").mkdir()
    (tmp_path / "catalog/environments/prod.yaml").write_text("routes: {active: {target: nobody}}\n")
    (tmp_path / "catalog/environments/test.yaml").write_text("routes: {active: {target: gpt-5-mini}}\n")
    monkeypatch.chdir(tmp_path)
    ran = call("check", "catalog")
    assert ran.code == 1
    assert "environments/prod.yaml:1:27: error[unknown-model]" in ran.out
    assert ran.out.count("error[") == 1
