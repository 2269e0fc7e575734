"""Claude Code: environment lines. Its picker takes only names that begin with `claude` or `anthropic`.

LiteLLM dresses up all others for it (`claude-router-...`); a route's own further name stays readable.
"""

from __future__ import annotations

from modelctl.client_configs.client_values import Config, Setup, export, export_key

SHOWN = ("claude", "anthropic")
USUAL_OUTPUT = 32000  # tokens that it asks for unless told otherwise
TIERS = ("OPUS", "SONNET", "HAIKU")


def config(setup: Setup) -> Config:
    main = setup.main
    name = next((name for name in (main.id, *main.also) if name.startswith(SHOWN)), main.id)
    lines = [
        export("ANTHROPIC_BASE_URL", setup.proxy),
        export_key("ANTHROPIC_AUTH_TOKEN", setup.key),
        "unset ANTHROPIC_API_KEY",
        export("ANTHROPIC_MODEL", name),
        *(export(f"ANTHROPIC_DEFAULT_{tier}_MODEL", name) for tier in TIERS),
        "export CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY=1",
    ]
    if main.max_output_tokens and main.max_output_tokens < USUAL_OUTPUT:
        lines.append(f"export CLAUDE_CODE_MAX_OUTPUT_TOKENS={main.max_output_tokens}")
    notes = ['for your shell, or: eval "$(modelctl client claude)"']
    if not name.startswith(SHOWN):
        hint = f"`also: [claude-{name}]` on the route in catalog/routes.yaml gives it a name that the picker shows"
        notes.append(hint)
    return Config(lines=tuple(lines), notes=tuple(notes))
