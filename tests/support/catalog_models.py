"""The session's models as a catalog would list them, so that the control plane can show and select them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from modelctl.state.desired import DesiredState, Model, Provider, Route
from support.models import MODELS, base_world

ROUTES = {
    "active": Route("active", "alpha", also=("claude-active",)),
    "planner": Route("planner", "gamma"),
}


def listed(name: str, **facts: Any) -> Model:
    known: dict[str, Any] = {
        "public_name": name, "name": name.title(), "mode": "chat", "context_window": 64000, "max_output_tokens": 8000,
        "supports_tools": True, "supports_streaming": True, "supports_vision": False,
        "price": {"input": 0.5, "output": 2.0, "cached_input": None},
    }  # fmt: skip
    return Model(id=name, provider="tests", **{**known, **facts})


def offered_world(**changes: Any) -> DesiredState:
    """Alpha, beta and gamma under provider `tests`; routes `active` (also `claude-active`) and `planner`."""
    provider = Provider("tests", "Tests", tuple(listed(name) for name in MODELS))
    return replace(base_world(), **{"providers": (provider,), "routes": ROUTES, **changes})
