"""opencode: `opencode.json`, and the list of models that it can read from the control plane (`/api.json`)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from modelctl.client_configs.client_values import Choice, ClientText, Config, Setup, as_json, known

ID = "modelctl"
PACKAGE = "@ai-sdk/openai-compatible"


def config(setup: Setup) -> Config:
    provider = {
        "npm": PACKAGE,
        "name": ID,
        "options": {"baseURL": setup.openai, "apiKey": f"{{env:{setup.key}}}"},
        "models": {choice.id: _entry(choice) for choice in setup.choices},
    }
    value = {
        "$schema": "https://opencode.ai/config.json",
        "model": f"{ID}/{setup.main.id}",
        "small_model": f"{ID}/{setup.main.id}",
        "provider": {ID: provider},
    }
    notes = (
        "opencode.json in the project's folder, or ~/.config/opencode/opencode.json for all projects",
        "or no file, and OPENCODE_MODELS_URL=<address of the control plane>: the same list, kept current",
    )
    return Config((ClientText(Path("opencode.json"), as_json(value)),), notes=notes)


def catalog(setup: Setup) -> dict[str, Any]:
    """The same in the shape of models.dev's `api.json`: provider -> models with every field that its readers want."""
    models = {choice.id: {"id": choice.id, **_listed(choice)} for choice in setup.choices}
    provider = {"id": ID, "name": ID, "env": [setup.key], "npm": PACKAGE, "api": setup.openai, "models": models}
    return {ID: provider}


def _entry(choice: Choice) -> dict[str, Any]:
    """Leaves out unknown values, so that opencode's own defaults apply; limits and costs go in pairs."""
    limit = known(context=choice.context_window, output=choice.max_output_tokens)
    cost = _cost(choice)
    return {
        "name": choice.name,
        **known(tool_call=choice.supports_tools, reasoning=choice.is_reasoning, attachment=choice.supports_vision),
        "modalities": {"input": choice.inputs, "output": ["text"]},
        **({"limit": limit} if len(limit) == 2 else {}),
        **({"cost": cost} if {"input", "output"} <= cost.keys() else {}),
    }


def _listed(choice: Choice) -> dict[str, Any]:
    """Readers of models.dev expect every field: 0 is its way to say unknown."""
    return {
        "name": choice.name,
        "release_date": "",
        "last_updated": "",
        "attachment": bool(choice.supports_vision),
        "reasoning": bool(choice.is_reasoning),
        "temperature": True,
        "tool_call": bool(choice.supports_tools),
        "open_weights": False,
        "modalities": {"input": choice.inputs, "output": ["text"]},
        "limit": {"context": choice.context_window or 0, "output": choice.max_output_tokens or 0},
        "cost": {"input": 0, "output": 0, **_cost(choice)},
        "options": {},
    }


def _cost(choice: Choice) -> dict[str, float]:
    price = choice.price
    return known(input=price.get("input"), output=price.get("output"), cache_read=price.get("cached_input"))
