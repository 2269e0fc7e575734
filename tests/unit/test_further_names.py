"""A route with further names: one selection moves them all, and each carries the route's fallbacks."""

from __future__ import annotations

from dataclasses import replace

import pytest

from modelctl.errors import Refused
from modelctl.service.model_index import Index
from modelctl.state.desired import DesiredState, Route
from modelctl.state.desired_json import from_manifest, manifest
from modelctl.state.router_config import resolve_routes
from support.models import base_world

ROUTE = Route("active", "alpha", fallbacks=("gamma",), also=("claude-active",))


def world(route: Route = ROUTE) -> DesiredState:
    return replace(base_world(), routes={"active": route})


def test_every_name_points_where_the_route_points() -> None:
    assert resolve_routes(world(), {}).aliases == {"active": "alpha", "claude-active": "alpha"}
    assert resolve_routes(world(), {"active": "beta"}).aliases == {"active": "beta", "claude-active": "beta"}
    hidden = resolve_routes(world(replace(ROUTE, hidden=True)), {}).aliases
    assert hidden["claude-active"] == hidden["active"] == {"model": "alpha", "hidden": True}


def test_every_name_carries_the_fallbacks() -> None:
    fallbacks = resolve_routes(world(), {"active": "beta"}).fallbacks["fallbacks"]
    assert fallbacks == [{"active": ["gamma"]}, {"claude-active": ["gamma"]}]


def test_survives_the_store() -> None:
    before = world()
    after = from_manifest(manifest(before), before.deployments)
    assert after.routes["active"] == ROUTE
    assert after.revision == before.revision != base_world().revision


def test_a_further_name_means_the_route() -> None:
    index = Index(world())
    assert index.route("claude-active") is index.route("active")
    with pytest.raises(Refused, match="is a route, not a model"):
        index.resolve("claude-active")
