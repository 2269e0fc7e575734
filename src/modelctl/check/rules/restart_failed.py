"""The last `modelctl restart` stopped, since a new LiteLLM worker did not start.

Traffic is not affected: the workers that ran before serve on, with the settings that they booted with.

Before:

    modelctl restart                       # the new LiteLLM worker 1 does not start

After:

    tail .modelctl/litellm-1.log           # LiteLLM's own words
    modelctl restart
"""

from __future__ import annotations

SEVERITY = "warning"
INPUTS: tuple[str, ...] = ()  # what a running control plane says; `check` never does
EMITTED_BY = "modelctl.control_plane.up_note"
