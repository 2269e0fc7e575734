"""What the package says LiteLLM's config file may hold, against the LiteLLM that is installed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from modelctl import shipped
from modelctl.litellm_spec import known_keys
from modelctl.litellm_spec.accepted_values import TAKEN
from modelctl.litellm_spec.value_kinds import exact
from modelctl.pipeline import build
from modelctl.state.router_config import resolve_routes

ROOT = Path(__file__).parents[2]
COMMITTED = json.loads((ROOT / "src/modelctl/litellm_spec/litellm_keys.json").read_text())


def test_the_shipped_catalog_renders_known_keys_of_the_right_kind() -> None:
    desired = build(shipped.catalog()).desired
    assert desired is not None
    config = resolve_routes(desired, {}).config()
    assert set(config) <= known_keys.known_keys("")
    for section in ("litellm_settings", "general_settings", "router_settings"):
        _assert_known(section, config.get(section) or {})
    for entry in config["model_list"]:
        _assert_known("model_list", entry)
        _assert_known("litellm_params", entry["litellm_params"])


def _assert_known(section: str, found: dict[str, Any]) -> None:
    assert set(found) <= known_keys.known_keys(section)
    for key, value in found.items():
        kinds = known_keys.type_of(section, key)
        if kinds and value is not None and not str(value).startswith("os.environ/"):
            assert kinds & {type(value).__name__, "float" if isinstance(value, int) else ""}, (section, key, value)


@pytest.mark.parametrize(
    ("key", "first"),
    [
        ("cooldown_time", "router_settings"),
        ("retry_policy", "router_settings"),
        ("set_verbose", "router_settings"),
        ("drop_params", "litellm_settings"),
        ("cache", "litellm_settings"),
        ("master_key", "general_settings"),
        ("max_parallel_requests", "general_settings"),
        ("api_base", "litellm_settings"),
        ("supports_function_calling", "model_info"),
        ("litellm_settings", ""),
    ],
)
def test_where_a_key_belongs(key: str, first: str) -> None:
    assert known_keys.section_of(key)[0] == first


def test_keys_that_exist_nowhere() -> None:
    for key in ("prometheus_adapter", "health_check_endpoint", "telemetry", "tpm_limit"):
        assert known_keys.section_of(key) == ()
        assert not any(key in known_keys.known_keys(section) for section in known_keys.sections())


def test_a_name_that_is_only_read_is_known_but_not_declared() -> None:
    assert "num_ctx" in known_keys.known_keys("litellm_params")
    assert "num_ctx" not in known_keys.declared_keys("litellm_params")


def test_keys_that_once_worked() -> None:
    assert known_keys.once("litellm_settings", "telemetry")
    assert known_keys.once("general_settings", "use_queue")
    assert known_keys.once("litellm_settings", "drop_params") is None
    assert known_keys.once("no_such_section", "telemetry") is None
    for section, keys in COMMITTED["once"].items():
        assert set(keys).isdisjoint(known_keys.known_keys(section))


@pytest.mark.parametrize(
    ("section", "key", "kinds"),
    [
        ("litellm_params", "rpm", {"int"}),
        ("litellm_params", "model", {"str"}),
        ("litellm_params", "temperature", {"float"}),
        ("router_settings", "num_retries", {"int"}),
        ("router_settings", "enable_pre_call_checks", {"bool"}),
        ("litellm_settings", "callbacks", {"str", "list"}),
        ("general_settings", "store_model_in_db", {"bool"}),
        ("", "model_list", {"list"}),
        ("litellm_params", "stop", set()),
        ("litellm_params", "no_such_key", set()),
    ],
)
def test_kinds(section: str, key: str, kinds: set[str]) -> None:
    assert known_keys.type_of(section, key) == kinds


def test_sections_and_their_origin() -> None:
    assert known_keys.made_from().startswith("litellm 1.")
    assert {"", "model_list", "cache_params", "retry_policy", "guardrails", "mcp_servers"} <= known_keys.sections()
    assert known_keys.known_keys("no such section") == frozenset()
    assert {"openai", "groq", "ollama_chat", "openrouter"} <= known_keys.providers()


SAMPLES: dict[str, tuple[Any, ...]] = {
    "bool": (True,), "int": (-1, 0, 7), "float": (1.5,), "digits": ("5",), "str": ("abc",),
    "list": (["abc"], [1]), "dict": ({"a": 1}, {"a": "b"}),
}  # fmt: skip
FURTHER = {  # within the kind, not every value of which is a sample here
    "key_alias_pattern": "a(",
    "responses": {"background_mode": 1},
    "priority_reservation_settings": {"default_priority": "x"},
    "model_group_settings": {"forward_client_headers_to_llm_api": "x"},
    "environment_variables": {"A=B": 1},
    "default_vertex_config": {"vertex_project": 5},
}


@pytest.mark.parametrize("path", TAKEN, ids=".".join)
def test_what_a_setting_takes_is_written_by_hand_only_where_the_table_does_not_say_it(path: tuple[str, ...]) -> None:
    kinds = known_keys.at_start(path[-2] if len(path) > 1 else "").get(path[-1])
    _, fits, _ = TAKEN[path]
    values = [value for each in SAMPLES.values() for value in each]
    values += [FURTHER[path[-1]]] if path[-1] in FURTHER else []
    by_table = [exact(value) in kinds for value in values] if kinds else []
    by_hand = [fits(value) for value in values]
    assert by_table != by_hand
