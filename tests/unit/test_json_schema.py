"""The schemas, by a real validator: what they accept and refuse is what modelctl does."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from modelctl import shipped
from modelctl.catalog import json_schema
from modelctl.cli.schema_command import _text
from support.cli import call

CATALOG = shipped.catalog()
FILES = sorted(path for path in CATALOG.rglob("*.yaml"))


@cache
def validator(name: str) -> Draft202012Validator:
    made = json_schema.make(name)
    Draft202012Validator.check_schema(made)
    return Draft202012Validator(made)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_shipped_catalog_is_valid_and_names_its_schema(path: Path) -> None:
    line = path.read_text().splitlines()[0]
    assert line.startswith("# yaml-language-server: $schema=")
    named = (path.parent / line.split("$schema=")[1]).resolve()
    assert named.is_file()
    found = list(validator(named.stem).iter_errors(yaml.safe_load(path.read_text())))
    assert [error.message for error in found if "datetime" not in error.message] == []


def test_shipped_schemas_are_current() -> None:
    for name in json_schema.of_catalog():
        assert (CATALOG / ".schema" / f"{name}.json").read_text() == _text(name)
    assert call("schema", "--out", str(CATALOG / ".schema"), "--check").code == 0


@pytest.mark.parametrize("name", json_schema.names())
def test_every_schema_is_a_schema(name: str) -> None:
    assert validator(name).is_valid({})


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("provider", "models: {gpt: {parms: {}}}"),
        ("provider", "api_kye: x"),
        ("provider", "models: {gpt: {context_window: many}}"),
        ("model", "{price: {input: cheap}}"),
        ("routes", "active: {}"),
        ("routes", "active: {target: x, choices: some}"),
        ("proxy", "router_setings: {}"),
        ("proxy", "router_settings: {timeuot: 3}"),
        ("presets", "quick: {modell: x}"),
        ("litellm_config", "litellm_settings: {cooldown_time: 3, no_such_key: 1}"),
        ("litellm_config", "model_list: [{model_name: x}]"),
        ("litellm_config", "model_list: [{model_name: 4.1, litellm_params: {model: x}}]"),
    ],
)
def test_refused(name: str, text: str) -> None:
    assert not validator(name).is_valid(yaml.safe_load(text))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("provider", "{x-common: &c {tags: [chat]}, models: {gpt: {}, other: null}}"),
        ("routes", "{x-anchor: 3, active: {target: x, requires: {json: true}, choices: {tags: [a]}}}"),
        ("proxy", "{hook: false, general_settings: {master_key: os.environ/KEY}}"),
        ("litellm_config", "router_settings: {timeout: os.environ/TIMEOUT, num_retries: 2}"),
        ("litellm_config", "model_list: [{model_name: x, litellm_params: {model: openai/x, own_parameter: 1}}]"),
    ],
)
def test_accepted(name: str, text: str) -> None:
    assert [error.message for error in validator(name).iter_errors(yaml.safe_load(text))] == []


def test_every_field_is_described() -> None:
    def undescribed(part: Any, path: str = "") -> list[str]:
        if not isinstance(part, dict):
            return []
        own = [f"{path}.{key}" for key, one in part.get("properties", {}).items() if "description" not in one]
        return own + [each for key, one in part.get("$defs", {}).items() for each in undescribed(one, key)]

    for name in ("provider", "model", "routes", "presets"):
        assert undescribed(json_schema.make(name)) == []


def test_command_lists_prints_and_offers_the_nearest() -> None:
    assert call("schema").out.split() == list(json_schema.names())
    assert call("schema", "routes").out == _text("routes")
    odd = call("schema", "route")
    assert (odd.code, "one of provider" in odd.err) == (1, True)
