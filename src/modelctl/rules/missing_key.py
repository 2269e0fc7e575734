"""An entry lacks a key that it cannot do without.

Before:

    # routes.yaml
    active: {fallbacks: [gpt-5-mini]}

After:

    # routes.yaml
    active: {target: gpt-5, fallbacks: [gpt-5-mini]}
"""

from __future__ import annotations

SEVERITY = "error"
INPUTS = ("catalog",)
