"""The catalog has no models.

Publishing it would take every model away from the workers.

Before:

    # providers/openai.yaml
    models: {}

After:

    # providers/openai.yaml
    models: {gpt-5-mini: {}}
"""

from __future__ import annotations

SEVERITY = "error"
INPUTS = ("catalog",)
