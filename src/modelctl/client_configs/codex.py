"""Codex: a profile of its own, so that nobody's `config.toml` is touched."""

from __future__ import annotations

from modelctl.client_configs.client_values import ClientText, Config, Setup, toml_string

ID = "modelctl"


def config(setup: Setup) -> Config:
    main = setup.main
    window = main.context_window
    lines = [
        f"# Used by `codex --profile {ID}`.",
        f"model = {toml_string(main.id)}",
        f"model_provider = {toml_string(ID)}",
        *([f"model_context_window = {window}"] if window else []),
        "",
        f"[model_providers.{ID}]",
        f"name = {toml_string(ID)}",
        f"base_url = {toml_string(setup.openai)}",
        f"env_key = {toml_string(setup.key)}",
        'wire_api = "responses"',
    ]
    path = setup.folder("CODEX_HOME", "~/.codex") / f"{ID}.config.toml"
    notes = (f"{path}; then `codex --profile {ID}`",)
    return Config((ClientText(path, "\n".join(lines) + "\n"),), notes=notes)
