"""Inheritance, facts and names: what a catalog means, as LiteLLM will read it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from modelctl.pipeline import Builder
from modelctl.state.desired import DesiredState
from modelctl.state.router_config import resolve_routes
from support.catalogs import model, state, write

MINI = "models: {gpt-5-mini: {}}"


def entries(desired: DesiredState) -> dict[str, dict[str, Any]]:
    return {one["model_name"]: one for one in resolve_routes(desired, {}).config()["model_list"]}


def one(folder: Path, provider: str, name: str = "openai") -> dict[str, Any]:
    (entry,) = entries(state(folder, {f"providers/{name}": provider})).values()
    return entry


def test_a_model_needs_one_line(tmp_path: Path) -> None:
    entry = one(tmp_path, MINI)
    assert entry["model_name"] == "gpt-5-mini"
    assert entry["litellm_params"] == {"model": "openai/gpt-5-mini"}
    assert list(entry["model_info"]) == ["id"]


@pytest.mark.parametrize(
    ("provider", "public_name", "upstream"),
    [
        ("litellm_provider: gemini\nmodels: {pro: {}}", "pro", "gemini/pro"),
        ("models: {mine: {model: 'ft:gpt:acme'}}", "mine", "openai/ft:gpt:acme"),
        ("models: {mine: {litellm_model: azure/x}}", "mine", "azure/x"),
        ("models: {mine: {public_name: other}}", "other", "openai/mine"),
        ("litellm_provider: gemini\nmodels: {'*': {}}", "openai/*", "gemini/*"),
        ("models: {'gpt-*': {}}", "openai/gpt-*", "openai/gpt-*"),
        ("models: {'*': {public_name: '*'}}", "*", "openai/*"),
        ("models: {'a/b': {}}", "a/b", "openai/a/b"),
        ("models: {'4.1': {}}", "4.1", "openai/4.1"),
    ],
)
def test_names(tmp_path: Path, provider: str, public_name: str, upstream: str) -> None:
    entry = one(tmp_path, provider)
    assert (entry["model_name"], entry["litellm_params"]["model"]) == (public_name, upstream)


def test_inheritance_one_level_the_innermost_wins(tmp_path: Path) -> None:
    desired = state(
        tmp_path,
        {
            "providers/azure": """
api_key: os.environ/KEY
api_base: os.environ/BASE
api_version: "1"
params: {timeout: 1, extra_body: {a: 1}, seed: 1}
info: {team: red, floor: 1}
tags: [chat]
models:
  plain: {}
  own: {api_key: none, api_version: "2", params: {timeout: 2, extra_body: {b: 2}}, info: {team: blue}, tags: [other]}
  many:
    params: {timeout: 3}
    deployments:
      - {api_base: "http://a", params: {timeout: 4}, info: {team: green}}
      - {api_base: "http://b", model: elsewhere, tags: [eu]}
"""
        },
    )
    listed = [deployment.entry() for deployment in desired.deployments.values()]
    plain, own, first, second = [(each["litellm_params"], each["model_info"]) for each in listed]
    assert plain[0] == {
        "model": "azure/plain",
        "api_key": "os.environ/KEY",
        "api_base": "os.environ/BASE",
        "api_version": "1",
        "timeout": 1,
        "extra_body": {"a": 1},
        "seed": 1,
    }
    assert own[0]["api_key"] == "none"
    assert (own[0]["api_version"], own[0]["timeout"], own[0]["extra_body"], own[0]["seed"]) == ("2", 2, {"b": 2}, 1)
    assert (own[1]["team"], own[1]["floor"]) == ("blue", 1)
    assert (first[0]["api_base"], first[0]["timeout"], first[1]["team"]) == ("http://a", 4, "green")
    assert (second[0]["model"], second[0]["timeout"], second[0]["tags"]) == ("azure/elsewhere", 3, ["eu"])
    assert model(desired, "plain").tags == ("chat",)
    assert model(desired, "own").tags == ("other",)


def test_facts_from_the_map_are_listed_but_not_rendered(tmp_path: Path) -> None:
    desired = state(tmp_path, {"providers/openai": MINI})
    assert model(desired, "gpt-5-mini").supports_tools is True
    assert model(desired, "gpt-5-mini").price["input"] == 0.25
    assert list(entries(desired)["gpt-5-mini"]["model_info"]) == ["id"]


def test_stated_facts_win_and_are_rendered_under_litellms_names(tmp_path: Path) -> None:
    stated = """
models:
  gpt-5-mini:
    mode: responses
    context_window: 5
    max_output_tokens: 6
    supports_streaming: false
    supports_tools: false
    supports_vision: false
    supports_audio: true
    supports_json: false
    is_reasoning: false
    price: {input: 0.1, output: 2.5, cached_input: 0}
"""
    desired = state(tmp_path, {"providers/openai": stated})
    info = entries(desired)["gpt-5-mini"]["model_info"]
    info.pop("id")
    assert info == {
        "mode": "responses",
        "max_input_tokens": 5,
        "max_output_tokens": 6,
        "supports_native_streaming": False,
        "supports_function_calling": False,
        "supports_vision": False,
        "supports_audio_input": True,
        "supports_response_schema": False,
        "supports_reasoning": False,
        "input_cost_per_token": 1e-07,
        "output_cost_per_token": 2.5e-06,
        "cache_read_input_token_cost": 0.0,
    }
    listed = model(desired, "gpt-5-mini")
    assert (listed.context_window, listed.supports_tools, listed.mode) == (5, False, "responses")
    assert listed.price == {"input": 0.1, "output": 2.5, "cached_input": 0.0}


def test_the_names_of_facts_exist_in_litellm() -> None:
    """Read from LiteLLM's source, which takes too long to import here."""
    from importlib.util import find_spec

    from modelctl.litellm_spec.facts import LITELLM_NAMES
    from modelctl.litellm_spec.price_map import PRICE_NAMES

    spec = find_spec("litellm")
    assert spec is not None
    assert spec.submodule_search_locations
    source = (Path(spec.submodule_search_locations[0]) / "types" / "utils.py").read_text()
    for name in (*LITELLM_NAMES.values(), *PRICE_NAMES.values()):
        assert f"    {name}: " in source, name


def test_a_price_stated_in_part_is_completed_from_the_map(tmp_path: Path) -> None:
    info = one(tmp_path, "models: {gpt-5-mini: {price: {output: 1}}}")["model_info"]
    assert (info["input_cost_per_token"], info["output_cost_per_token"]) == (2.5e-07, 1e-06)


def test_base_model_gives_the_facts(tmp_path: Path) -> None:
    desired = state(tmp_path, {"providers/azure": "models: {mine: {base_model: azure/gpt-4o}}"})
    assert model(desired, "mine").context_window == 128000
    assert entries(desired)["mine"]["model_info"]["base_model"] == "azure/gpt-4o"


def test_references_are_what_no_request_can_do_without(tmp_path: Path) -> None:
    desired = state(
        tmp_path,
        {
            "providers/p": """
api_key: os.environ/KEY
api_base: os.environ/BASE
env_defaults: {BASE: "http://localhost"}
models:
  plain: {}
  keyless: {api_key: none}
  aws: {params: {aws_region_name: os.environ/REGION}}
  either: {deployments: [{params: {seed: 1}}, {api_key: os.environ/OTHER}]}
"""
        },
    )
    found = {name: model(desired, name).references for name in ("plain", "keyless", "aws", "either")}
    assert found == {"plain": ("KEY",), "keyless": (), "aws": ("KEY", "REGION"), "either": ()}
    assert desired.env_defaults == {"BASE": "http://localhost"}


@pytest.mark.parametrize(
    ("written", "status", "rendered"),
    [
        ("{}", "active", True),
        ("{lifecycle: {status: deprecated, retires: 2026-11-23}}", "deprecated", True),
        ("{lifecycle: {status: deprecated, retires: '2026-11-22'}}", "deprecated", True),
        ("{lifecycle: {retires: '2026-11-22'}}", "retired", False),
        ("{lifecycle: {status: retired}}", "retired", False),
        ("{lifecycle: {status: retired, render: true}}", "retired", True),
    ],
)
def test_retired_models_are_listed_but_not_rendered(tmp_path: Path, written: str, status: str, rendered: bool) -> None:
    desired = state(tmp_path, {"providers/p": f"models: {{it: {written}, other: {{}}}}"})
    assert model(desired, "it").lifecycle["status"] == status
    assert model(desired, "it").rendered is rendered
    assert ("it" in desired.public_names) is rendered


def test_the_maps_date_retires_a_model_whose_lifecycle_is_not_written(tmp_path: Path) -> None:
    folder = write(tmp_path, {"providers/azure": "models: {gpt-4o: {}}"})  # the map: 2027-04-14
    before, after = (Builder(folder, day).build() for day in (date(2027, 4, 13), date(2027, 4, 14)))
    assert [[problem.rule for problem in build.problems] for build in (before, after)] == [
        ["retiring-model"],
        ["retired-model"],
    ]
    assert before.desired is not None
    assert after.desired is not None
    assert model(before.desired, "gpt-4o").lifecycle == {"status": "active", "retires": "2027-04-14", "successor": None}
    assert after.desired.public_names == set()


def test_a_builder_notices_that_the_day_has_changed(tmp_path: Path) -> None:
    builder = Builder(write(tmp_path, {"providers/azure": "models: {gpt-4o: {}}"}), date(2027, 4, 13))
    builder.build()
    builder.today = date(2027, 4, 14)
    desired = builder.build().desired
    assert desired is not None
    assert desired.public_names == set()


def test_load_balanced_groups(tmp_path: Path) -> None:
    files = {
        "providers/a": "models: {m: {load_balanced: true, fallbacks: [x]}, x: {}}",
        "providers/b": "models: {m: {load_balanced: true, fallbacks: [x]}}",
    }
    desired = state(tmp_path, files)
    assert [one.params["model"] for one in desired.deployments.values() if one.group == "m"] == ["a/m", "b/m"]
    assert desired.fallbacks == {"fallbacks": {"m": ["x"]}}


def test_routes(tmp_path: Path) -> None:
    routes = """
active: {target: a, requires: {tools: true, json: true}, choices: {tags: [t]}, context_window_fallbacks: [b]}
plain: {target: b, fallbacks: [], choices: [a, b], hidden: true}
"""
    facts = "{supports_tools: true, supports_json: true, tags: [t]}"
    desired = state(tmp_path, {"providers/p": f"models: {{a: {facts}, b: {{fallbacks: [a]}}}}", "routes": routes})
    active, plain = desired.routes["active"], desired.routes["plain"]
    assert (active.requires, active.choices) == ({"tools": True, "json": True}, {"tags": ["t"]})
    assert (active.fallbacks, active.context_window_fallbacks) == (None, ("b",))
    assert (plain.fallbacks, plain.choices, plain.hidden) == ((), ["a", "b"], True)
    config = resolve_routes(desired, {}).config()["router_settings"]
    assert config["model_group_alias"] == {"active": "a", "plain": {"model": "b", "hidden": True}}
    assert config["fallbacks"] == [{"b": ["a"]}]


@pytest.mark.parametrize(
    ("proxy", "callbacks"),
    [
        ("{}", ["modelctl.hook.handler"]),
        ("hook: false", None),
        ("litellm_settings: {callbacks: prometheus}", ["prometheus", "modelctl.hook.handler"]),
        ("litellm_settings: {callbacks: [ours.a, ours.b]}", ["ours.a", "ours.b", "modelctl.hook.handler"]),
        ("litellm_settings: {callbacks: [modelctl.hook.handler, ours.b]}", ["modelctl.hook.handler", "ours.b"]),
        ("litellm_settings:", ["modelctl.hook.handler"]),
        ("hook: false\nlitellm_settings: {callbacks: [ours.a]}", ["ours.a"]),
    ],
)
def test_hook_line(tmp_path: Path, proxy: str, callbacks: list[str] | None) -> None:
    desired = state(tmp_path, {"providers/openai": MINI, "proxy": proxy})
    assert desired.settings.get("litellm_settings", {}).get("callbacks") == callbacks


def test_sections_are_passed_through(tmp_path: Path) -> None:
    proxy = (
        "default_fallbacks: [gpt-5-mini]\ngeneral_settings: {a: 2026-01-02}\nfinetune_settings: [{x: [1.5]}]\nx-own: 1"
    )
    settings = state(tmp_path, {"providers/openai": MINI, "proxy": proxy}).settings
    assert settings["general_settings"] == {"a": "2026-01-02"}
    assert settings["finetune_settings"] == [{"x": [1.5]}]
    assert settings["litellm_settings"]["default_fallbacks"] == ["gpt-5-mini"]
    assert set(settings) == {"general_settings", "finetune_settings", "litellm_settings"}


def test_the_revision_is_of_the_content_alone(tmp_path: Path) -> None:
    files = {"providers/openai": MINI, "routes": "active: {target: gpt-5-mini}"}
    here, there = state(tmp_path / "here", files), state(tmp_path / "there", files)
    assert here.revision == there.revision
    commented = {"providers/openai": f"# a comment\n{MINI}\n", "routes": "active:\n  target: gpt-5-mini\n"}
    assert state(tmp_path / "commented", commented).revision == here.revision
    changed = {**files, "providers/openai": "models: {gpt-5-mini: {params: {seed: 1}}}"}
    assert state(tmp_path / "changed", changed).revision != here.revision
