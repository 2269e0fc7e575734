"""aider: its config, and the facts of models that its own list does not have."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from modelctl.client_configs.client_values import Choice, ClientText, Config, Setup, as_json, as_yaml, known

PREFIX = "openai"  # aider asks through LiteLLM's library, where this means: an OpenAI-compatible server


def config(setup: Setup) -> Config:
    name = f"{PREFIX}/{setup.main.id}"
    conf = {"openai-api-base": setup.openai, "model": name, "weak-model": name, "editor-model": name}
    metadata = {f"{PREFIX}/{choice.id}": _facts(choice) for choice in setup.choices}
    files = (
        ClientText(Path(".aider.conf.yml"), as_yaml(conf)),
        ClientText(Path(".aider.model.metadata.json"), as_json(metadata)),
    )
    notes = (
        "both files belong into the root of your git repository, or into your home folder",
        f'the key comes from the environment: export OPENAI_API_KEY="${setup.key}"',
    )
    return Config(files, notes=notes)


def _facts(choice: Choice) -> dict[str, Any]:
    price = {side: None if usd is None else float(f"{usd / 1e6:.12g}") for side, usd in choice.price.items()}
    return {
        **known(
            max_tokens=choice.max_output_tokens,
            max_input_tokens=choice.context_window,
            max_output_tokens=choice.max_output_tokens,
            input_cost_per_token=price.get("input"),
            output_cost_per_token=price.get("output"),
            supports_vision=choice.supports_vision,
            supports_function_calling=choice.supports_tools,
        ),
        "litellm_provider": PREFIX,
        "mode": "chat",
    }
