"""llm (Datasette): `extra-openai-models.yaml`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from modelctl.client_configs.client_values import Choice, ClientText, Config, Setup, as_yaml

STORED_KEY = "modelctl"


def config(setup: Setup) -> Config:
    entries = [_entry(choice, setup) for choice in setup.choices]
    path = _folder(setup) / "extra-openai-models.yaml"
    notes = (
        str(path),
        f'the key: llm keys set {STORED_KEY} --value "${setup.key}"',
    )
    return Config((ClientText(path, as_yaml(entries)),), notes=notes)


def _folder(setup: Setup) -> Path:
    if sys.platform == "darwin":
        return setup.folder("LLM_USER_PATH", "~/Library/Application Support/io.datasette.llm")
    usual = setup.folder("XDG_CONFIG_HOME", "~/.config") / "io.datasette.llm"
    return setup.folder("LLM_USER_PATH", str(usual))


def _entry(choice: Choice, setup: Setup) -> dict[str, Any]:
    flags = {
        "vision": choice.supports_vision,
        "audio": choice.supports_audio,
        "supports_tools": choice.supports_tools,
        "supports_schema": choice.supports_json,
        "reasoning": choice.is_reasoning,
    }
    return {
        "model_id": choice.id,
        "model_name": choice.id,
        "api_base": setup.openai,
        "api_key_name": STORED_KEY,
        **{name: True for name, value in flags.items() if value},
        **({"can_stream": False} if choice.supports_streaming is False else {}),
    }
