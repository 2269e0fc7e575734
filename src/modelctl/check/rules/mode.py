"""A model is of another kind than a route holds.

A route for chat cannot point to a model for embeddings: every request would fail.

Before:

    modelctl use text-embedding-3-small

After:

    modelctl use gpt-6-luna
"""

from __future__ import annotations

SEVERITY = "error"
INPUTS: tuple[str, ...] = ()  # what a running control plane says; `check` never does
EMITTED_BY = "modelctl.state.routes"
