"""A route with further names, in a real LiteLLM: one selection moves them all."""

from __future__ import annotations

from dataclasses import replace

from modelctl.state.desired import DesiredState, Route
from support.litellm_stack import Stack
from support.models import base_world, key_of

ROUTE = Route("active", "alpha", fallbacks=("gamma",), also=("claude-active",))


def world(route: Route = ROUTE) -> DesiredState:
    return replace(base_world(), routes={"active": route})


def test_workers_move_every_name_with_one_selection(stack: Stack) -> None:
    stack.publish(world())
    for target in ("alpha", "beta"):
        stack.point(target)
        for client in stack.clients:
            for name in ("active", "claude-active"):
                answer = client.messages(name)
                assert (answer.status, answer.text) == (200, f"model={target} key={key_of(target)};")


def test_claude_code_sees_it_in_the_list_of_models(stack: Stack) -> None:
    """In the shape of Anthropic's own list, where only ids that begin with `claude` are shown."""
    stack.publish(world())
    for client in stack.clients:
        reply = client.http.get("/v1/models?limit=1000", headers={"anthropic-version": "2023-06-01"})
        body = reply.raise_for_status().json()
        entry = next(each for each in body["data"] if each["id"] == "claude-active")
        assert entry["type"] == "model"
        assert entry["display_name"]
        assert body["has_more"] is False
