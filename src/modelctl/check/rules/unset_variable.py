"""A model cannot be selected: the workers lack a variable that it needs.

Every deployment of it refers to a variable that is not set where LiteLLM runs, so each call would fail. `--force`
selects it all the same.

Before:

    modelctl use gpt-5    # OPENAI_API_KEY is not set on the workers

After:

    echo OPENAI_API_KEY=... >> .env && modelctl restart
"""

from __future__ import annotations

SEVERITY = "error"
INPUTS: tuple[str, ...] = ()  # what a running control plane says; `check` never does
EMITTED_BY = ("modelctl.service.block_requests", "modelctl.service.selecting", "modelctl.state.routes")
