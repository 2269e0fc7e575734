"""The values that both sides share: stable digests, JSON and back, and what one worker runs."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from modelctl.state.desired import DesiredState, Model, Provider, Route, deployment, digest
from modelctl.state.desired_json import from_manifest, manifest
from modelctl.state.router_config import resolve_routes


def state(**fields: Any) -> DesiredState:
    made = [deployment(name, {"model": f"openai/{name}"}, {}) for name in ("a", "b", "c")]
    whole: dict[str, Any] = {"routes": {"active": Route("active", "a")}, **fields}
    return DesiredState({each.id: each for each in made}, **whole)


def test_digest_knows_content_and_not_order() -> None:
    assert digest({"a": 1, "b": [1, 2]}) == digest({"b": [1, 2], "a": 1})
    assert len({digest(value) for value in (1, "1", 1.5, [1], {"a": 1}, None, True)}) == 7


def test_an_id_names_everything_that_litellm_is_told() -> None:
    base = deployment("a", {"model": "x"}, {"mode": "chat"})
    others = [
        deployment("b", {"model": "x"}, {"mode": "chat"}),
        deployment("a", {"model": "y"}, {"mode": "chat"}),
        deployment("a", {"model": "x"}, {"mode": "responses"}),
        deployment("a", {"model": "x"}, {"mode": "chat"}, {"rpm": 3}),
    ]
    assert deployment("a", {"model": "x"}, {"mode": "chat"}) == base
    assert len({base.id, *(other.id for other in others)}) == 5


def test_an_entry_is_what_litellm_reads() -> None:
    made = deployment("a", {"model": "x"}, {"mode": "chat"}, {"rpm": 3})
    assert made.entry() == {
        "model_name": "a",
        "litellm_params": {"model": "x"},
        "model_info": {"id": made.id, "mode": "chat"},
        "rpm": 3,
    }


@pytest.mark.parametrize(
    "change",
    [
        {"routes": {"active": Route("active", "b")}},
        {"fallbacks": {"fallbacks": {"a": ["b"]}}},
        {"settings": {"router_settings": {"timeout": 3}}},
        {"env_defaults": {"URL": "x"}},
        {"providers": (Provider("p", "P", ()),)},
    ],
)
def test_the_revision_knows_every_part(change: dict[str, Any]) -> None:
    assert state(**change).revision != state().revision
    assert state(**change).revision == state(**change).revision


def test_a_state_survives_json() -> None:
    models = (Model("a", "p", "a", "A", tags=("x",), references=("KEY",), price={"input": 0.1}),)
    whole = state(
        fallbacks={"fallbacks": {"a": ["b"]}},
        settings={"general_settings": {"x": [1]}},
        providers=(Provider("p", "P", models, "words", "icon", "#fff"),),
        routes={"active": Route("active", "a", fallbacks=("b",), choices={"tags": ["x"]}, also=("other",))},
    )
    provider = Provider.from_dict(json.loads(whole.providers[0].body))
    again = from_manifest(json.loads(json.dumps(manifest(whole))), whole.deployments, [provider])
    assert (again, again.revision) == (whole, whole.revision)


def test_live_points_routes_and_gives_each_its_own_chain() -> None:
    chains = {"fallbacks": {"a": ["b", "c"], "b": ["a"]}}
    desired = state(
        fallbacks=chains, routes={"active": Route("active", "a"), "own": Route("own", "a", fallbacks=("b",))}
    )
    running = resolve_routes(desired, {})
    assert running.aliases == {"active": "a", "own": "a"}
    merged = {name: chain for each in running.fallbacks["fallbacks"] for name, chain in each.items()}
    assert merged == {"a": ["b", "c"], "b": ["a"], "active": ["b", "c"], "own": ["b"]}


def test_a_chain_never_holds_the_model_that_is_selected() -> None:
    desired = state(routes={"active": Route("active", "a", fallbacks=("b", "c"))})
    merged = resolve_routes(desired, {"active": "b"}).fallbacks["fallbacks"]
    assert merged == [{"active": ["c"]}]
    assert (
        resolve_routes(replace(desired, routes={"active": Route("active", "a", fallbacks=())}), {}).fallbacks[
            "fallbacks"
        ]
        == []
    )


def test_config_is_litellms_own_form() -> None:
    desired = state(
        settings={"router_settings": {"timeout": 3}, "litellm_settings": {"callbacks": ["x"]}},
        routes={"active": Route("active", "a", fallbacks=("b",)), "secret": Route("secret", "a", hidden=True)},
    )
    config = resolve_routes(desired, {}).config()
    assert [entry["model_name"] for entry in config["model_list"]] == ["a", "b", "c"]
    assert config["router_settings"] == {
        "timeout": 3,
        "fallbacks": [{"active": ["b"]}],
        "model_group_alias": {"active": "a", "secret": {"model": "a", "hidden": True}},
    }
    assert config["litellm_settings"] == {"callbacks": ["x"]}
