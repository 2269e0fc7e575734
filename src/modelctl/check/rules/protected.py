"""A change would touch what is marked `protected: true`.

Models and routes that are marked so change or go only with `--force`.

Before:

    modelctl apply --plan DIGEST

After:

    modelctl apply --plan DIGEST --force
"""

from __future__ import annotations

SEVERITY = "error"
INPUTS: tuple[str, ...] = ()  # what a running control plane says; `check` never does
EMITTED_BY = "modelctl.plan.guards"
