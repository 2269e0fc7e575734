"""Continue: `config.yaml`."""

from __future__ import annotations

from typing import Any

from modelctl.client_configs.client_values import Choice, ClientText, Config, Setup, as_yaml, known


def config(setup: Setup) -> Config:
    value = {
        "name": "modelctl",
        "version": "1.0.0",
        "schema": "v1",
        "models": [_entry(choice, setup) for choice in setup.choices],
    }
    path = setup.folder("CONTINUE_GLOBAL_DIR", "~/.continue") / "config.yaml"
    notes = (
        f"{path}; or only its `models` into the one that you have",
        f"{setup.key} belongs into {path.parent / '.env'}, where Continue looks for secrets",
    )
    return Config((ClientText(path, as_yaml(value)),), notes=notes)


def _entry(choice: Choice, setup: Setup) -> dict[str, Any]:
    options = known(contextLength=choice.context_window, maxTokens=choice.max_output_tokens)
    can = {"tool_use": choice.supports_tools, "image_input": choice.supports_vision}
    capabilities = [name for name, whether in can.items() if whether]
    return {
        "name": choice.name,
        "provider": "openai",
        "model": choice.id,
        "apiBase": setup.openai,
        "apiKey": f"${{{{ secrets.{setup.key} }}}}",
        "roles": ["chat", "edit", "apply"],
        **({"capabilities": capabilities} if capabilities else {}),
        **({"defaultCompletionOptions": options} if options else {}),
    }
