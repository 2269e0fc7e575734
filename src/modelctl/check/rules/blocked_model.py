"""A model is blocked: somebody has taken it out of traffic.

No route can be pointed to it, and it cannot be blocked where that leaves a route without an answer (unless forced).

Before:

    modelctl use gpt-5    # `gpt-5` is blocked until 2026-11-27T18:00:00Z: provider outage

After:

    modelctl unblock gpt-5 && modelctl use gpt-5
"""

from __future__ import annotations

SEVERITY = "error"
INPUTS: tuple[str, ...] = ()  # what a running control plane says; `check` never does
EMITTED_BY = ("modelctl.service.selecting", "modelctl.service.block_requests")
