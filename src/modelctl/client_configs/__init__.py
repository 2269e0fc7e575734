"""What other programs must be told to use the proxy: one module per client, values in, text out; no I/O.

`CLIENTS` is the registry. Keys of the proxy never stand in what is made here, only references to the
variable that holds one.
"""

from __future__ import annotations

from collections.abc import Callable

from modelctl.client_configs import aider, claude, codex, continue_dev, env, llm, opencode, openwebui
from modelctl.client_configs.client_values import KEY, Choice, ClientText, Config, Setup
from modelctl.client_configs.offered_names import choices

CLIENTS: dict[str, Callable[[Setup], Config]] = {
    "opencode": opencode.config,
    "codex": codex.config,
    "claude": claude.config,
    "aider": aider.config,
    "openwebui": openwebui.config,
    "llm": llm.config,
    "continue": continue_dev.config,
    "env": env.config,
}

__all__ = ["CLIENTS", "KEY", "Choice", "ClientText", "Config", "Setup", "choices"]
