"""Every other program on an OpenAI SDK: the variables that the SDKs read."""

from __future__ import annotations

from modelctl.client_configs.client_values import Config, Setup, export, export_key


def config(setup: Setup) -> Config:
    lines = (
        export("OPENAI_BASE_URL", setup.openai),
        export("OPENAI_API_BASE", setup.openai),  # what older programs and langchain read
        export_key("OPENAI_API_KEY", setup.key),
    )
    notes = (
        'for your shell, or: eval "$(modelctl client env)"',
        f"the model to ask for: {setup.main.id}",
    )
    return Config(lines=lines, notes=notes)
