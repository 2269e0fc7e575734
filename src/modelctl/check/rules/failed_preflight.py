"""LiteLLM does not start on this revision, or does not register what is meant.

With `--preflight` (the default beside `--git`) a revision is tried before it goes live: the installed LiteLLM starts on
it with mocks, in a process of its own. What was live before stays live.

Before:

    modelctl status            # LiteLLM 1.106.12 does not start with fast: ...

After:

    modelctl refresh           # once the entry is mended; --force publishes all the same, and it is recorded
"""

from __future__ import annotations

SEVERITY = "error"
INPUTS: tuple[str, ...] = ()  # what a running control plane says; `check` never does
EMITTED_BY = "modelctl.trial.preflight"
