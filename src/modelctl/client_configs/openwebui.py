"""Open WebUI: lines for its environment (a compose file's `.env`). It asks /v1/models for the names itself."""

from __future__ import annotations

import shlex

from modelctl.client_configs.client_values import Config, Setup


def config(setup: Setup) -> Config:
    lines = (
        "ENABLE_OPENAI_API=true",
        f"OPENAI_API_BASE_URL={shlex.quote(setup.openai)}",
        f"OPENAI_API_KEY=${{{setup.key}}}",
        f"DEFAULT_MODELS={shlex.quote(setup.main.id)}",
        "ENABLE_OLLAMA_API=false",
    )
    notes = (
        "for its environment, before the first start: later these stand in its database (Admin, Connections)",
        "inside a container `localhost` is the container: pass --proxy http://host.docker.internal:4000",
    )
    return Config(lines=lines, notes=notes)
