"""Whatever a config holds: it is brought over without a traceback, passes, renders, and means the same."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from modelctl.errors import ModelctlError
from modelctl.importer import bring_over
from support.effort import examples
from support.import_result import TODAY, import_both

GROUPS = ["gpt", "claude", "on", "4.1", "openai/gpt-5", "a b", "Größe", "openai/*", "1e3", "x-y"]
MODELS = [
    "openai/gpt-5",
    "openai/gpt-5-mini",
    "anthropic/claude-haiku-4-5",
    "azure/own",
    "openai/*",
    "gpt-5",
    "groq/a:b",
]
NAMES = [*GROUPS, "plain", "second", "gone", "anthropic/claude-haiku-4-5"]
texts = st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=12)
scalars = st.one_of(st.none(), st.booleans(), st.integers(-5, 10**6), st.floats(-1e6, 1e6), texts)
keys = st.sampled_from(
    ["os.environ/OPENAI_API_KEY", "os.environ/OTHER", "plain-text-key", "other-text-key", "none", "dummy"]
)

params = st.fixed_dictionaries(
    {"model": st.sampled_from(MODELS)},
    optional={
        "api_key": st.one_of(keys, st.none(), st.just("")),
        "api_base": st.sampled_from(["https://one.example.com/v1", "https://two.example.com/v1", "${BASE}", None]),
        "api_version": st.sampled_from(["2024-02-01", None]),
        "rpm": st.integers(1, 100),
        "timeout": st.floats(1, 100),
        "extra_body": st.dictionaries(texts, st.one_of(scalars, st.lists(scalars, max_size=2)), max_size=2),
        "input_cost_per_token": st.sampled_from([1e-7, 0.0, 0, 2.5e-06]),
        "tags": st.lists(st.sampled_from(["a", "b"]), max_size=2),
    },
)
infos = st.fixed_dictionaries(
    {},
    optional={
        "id": st.sampled_from(["one", "two"]),
        "base_model": st.sampled_from(["gpt-5", "azure/gpt-5", None, ""]),
        "mode": st.sampled_from(["chat", "embedding", None]),
        "max_input_tokens": st.one_of(st.integers(0, 10**6), st.none()),
        "supports_vision": st.one_of(st.booleans(), st.just("yes")),
        "input_cost_per_token": st.sampled_from([1e-7, 0.0, 0, 2.5e-06, 1.23456789e-06]),
        "output_cost_per_token": st.sampled_from([1e-7, 1.5e-05]),
        "note": scalars,
    },
)
entries = st.fixed_dictionaries(
    {"model_name": st.sampled_from(GROUPS), "litellm_params": params},
    optional={"model_info": infos, "rpm": st.integers(1, 9), "nonsense": scalars},
)
chains = st.lists(
    st.dictionaries(
        st.sampled_from([*NAMES, "*"]), st.lists(st.sampled_from(NAMES), max_size=4), min_size=1, max_size=1
    ),
    max_size=5,
)
aliases = st.dictionaries(
    st.sampled_from(["plain", "second", "third", "gpt", "on", "no"]),
    st.one_of(
        st.sampled_from(NAMES),
        st.fixed_dictionaries({"model": st.sampled_from(NAMES), "hidden": st.booleans()}),
        st.lists(st.sampled_from(NAMES), max_size=2),
    ),
    max_size=4,
)
fallbacks = {
    "fallbacks": chains,
    "context_window_fallbacks": chains,
    "content_policy_fallbacks": chains,
    "default_fallbacks": st.lists(st.sampled_from(NAMES), max_size=3),
}
configs = st.fixed_dictionaries(
    {"model_list": st.lists(entries, min_size=1, max_size=8)},
    optional={
        "router_settings": st.fixed_dictionaries(
            {},
            optional={**fallbacks, "model_group_alias": aliases, "num_retries": st.integers(0, 5), "nonsense": scalars},
        ),
        "litellm_settings": st.fixed_dictionaries(
            {}, optional={**fallbacks, "drop_params": st.booleans(), "callbacks": st.just(["prometheus"])}
        ),
        "general_settings": st.fixed_dictionaries({}, optional={"master_key": keys, "nonsense": scalars}),
        "nonsense": scalars,
    },
)


@settings(max_examples=examples(150), deadline=None, suppress_health_check=list(HealthCheck))
@given(configs)
def test_means_the_same(config: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "config.yaml"
        file.write_text(yaml.safe_dump(config, allow_unicode=True, sort_keys=False), encoding="utf-8")
        both = import_both(file, Path(folder) / "catalog")
        assert both.errors == []
        written = "".join(path.read_text(encoding="utf-8") for path in Path(folder, "catalog").rglob("*.yaml"))
        assert "-text-key" not in written
        assert not any("-text-key" in each.reason for each in both.made.fields)
        before, after = both.meanings()
        assert _without_lost(before, both) == _without_lost(after, both)


def _without_lost(meaning: dict[str, Any], both: Any) -> dict[str, Any]:
    """What is said to be lost is not compared: whole aliases and chains, by their kind."""
    lost = both.made.having("lost")
    kinds = {each.path[1] for each in lost if len(each.path) > 1}
    kinds |= {each.path[1] for each in both.made.having("lost") if each.path[:1] == ("router_settings",)}
    names = {each.path[2] for each in lost if each.path[1:2] == ("model_group_alias",)}
    groups = {both.before["model_list"][each.path[1]]["model_name"] for each in lost if each.path[0] == "model_list"}
    chains = {
        kind: {name: steps for name, steps in found.items() if name not in names}
        for kind, found in meaning["fallbacks"].items()
        if kind not in kinds and not groups and not names
    }
    return {
        **meaning,
        "groups": {name: found for name, found in meaning["groups"].items() if name not in groups},
        "aliases": {name: found for name, found in meaning["aliases"].items() if name not in names},
        "fallbacks": chains,
        "default": []
        if groups or names or "default_fallbacks" in kinds or "fallbacks" in kinds
        else meaning["default"],
    }


words = st.sampled_from(
    [
        *("model_list", "model_name", "litellm_params", "model_info", "model", "router_settings", "litellm_settings"),
        *("fallbacks", "model_group_alias", "general_settings", "default_fallbacks", "api_key", "gpt"),
    ]
)
anything = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(words, inner, max_size=4)),
    max_leaves=25,
)


@settings(max_examples=examples(150), deadline=None, suppress_health_check=list(HealthCheck))
@given(anything)
@example({"model_list": [{"api_key": "sk-written-in-the-wrong-place"}]})
@example({"model_list": [{"litellm_params": None, "model_info": {"api_key": "sk-written-in-the-wrong-place"}}]})
def test_any_shape_ends_without_a_traceback(data: Any) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "config.yaml"
        file.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
        with suppress(ModelctlError):
            assert bring_over(file, TODAY).files
