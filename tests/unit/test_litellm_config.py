"""A LiteLLM config read into values: what stands there, where, and what LiteLLM cannot read of it."""

from __future__ import annotations

from typing import Any

import pytest

from modelctl.litellm_spec.config import (
    ConfigAlias,
    ConfigChain,
    aliases_in,
    chains_in,
    custom_prefixes,
    entry_parts,
    malformed,
    may_be_in_database,
    section,
)


def entry(**more: Any) -> dict[str, Any]:
    return {"model_name": "a", "litellm_params": {"model": "openai/a"}, **more}


def test_an_entry_has_three_parts_and_what_else_stands_there() -> None:
    parts = entry_parts(entry(model_info={"id": "1"}, rpm=5))
    assert (parts.group, parts.params, parts.info, parts.extra) == ("a", {"model": "openai/a"}, {"id": "1"}, {"rpm": 5})


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("a", ()),
        ({"litellm_params": {"model": "openai/a"}}, ()),
        (entry(model_name=4.1), ("model_name",)),
        (entry(litellm_params=None), ()),
        (entry(litellm_params={}), ("litellm_params",)),
        (entry(model_info=None), ("model_info",)),
    ],
)
def test_a_malformed_entry_says_at_which_key(written: Any, key: tuple[str, ...]) -> None:
    found = malformed(written)
    assert found is not None
    assert found.key == key


def test_a_sound_entry_is_not_malformed() -> None:
    assert malformed(entry()) is None
    assert malformed(entry(model_info={})) is None


def test_aliases_in_every_form() -> None:
    written = {"a": "x", "b": {"model": "x", "hidden": True}, "c": {"model": "x"}, "d": ["x", "y"]}
    assert list(aliases_in({"router_settings": {"model_group_alias": written}})) == [
        ConfigAlias("a", "x", False), ConfigAlias("b", "x", True), ConfigAlias("c", "x", None),
        ConfigAlias("d", None, False),
    ]  # fmt: skip
    assert list(aliases_in({"router_settings": {"model_group_alias": ["a"]}})) == []
    assert ConfigAlias("a", "x", False).path == ("router_settings", "model_group_alias", "a")


def test_chains_with_their_places() -> None:
    router = {"fallbacks": [{"a": ["b"]}, "c", {"d": "e"}, {"f": ["g"], "h": ["i"]}], "default_fallbacks": ["z"]}
    found = list(chains_in({"router_settings": router, "litellm_settings": {"content_policy_fallbacks": "a"}}))
    at = ("router_settings", "fallbacks")
    assert found == [
        ConfigChain("fallbacks", "a", ["b"], (*at, 0, "a")),
        ConfigChain("fallbacks", None, None, (*at, 1)),
        ConfigChain("fallbacks", "d", None, (*at, 2, "d")),
        ConfigChain("fallbacks", "f", ["g"], (*at, 3, "f"), alone=False),
        ConfigChain("default_fallbacks", "*", ["z"], ("router_settings", "default_fallbacks")),
    ]
    assert [each.readable for each in found] == [True, False, True, False, True]


def test_a_section_that_is_no_mapping_is_empty() -> None:
    assert section({"router_settings": [1]}, "router_settings") == {}
    assert list(chains_in({"router_settings": None})) == []
    assert custom_prefixes({"litellm_settings": {"custom_provider_map": [{"provider": "own"}, 3]}}) == {"own"}


def test_models_may_be_in_the_database() -> None:
    assert may_be_in_database({"general_settings": {"store_model_in_db": True}})
    assert may_be_in_database({}, {"STORE_MODEL_IN_DB": "True"})
    assert not may_be_in_database({"general_settings": []}, {})
