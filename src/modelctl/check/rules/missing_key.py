"""An entry lacks a key that it cannot do without.

Before:

    # routes.yaml
    active: {fallbacks: [gpt-6-luna]}

After:

    # routes.yaml
    active: {target: gpt-5, fallbacks: [gpt-6-luna]}
"""

from __future__ import annotations

SEVERITY = "error"
INPUTS = ("catalog",)
EMITTED_BY = "modelctl.catalog.validation_errors"
