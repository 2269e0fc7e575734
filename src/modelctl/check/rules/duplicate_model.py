"""A provider has one model twice.

A model is known by provider and key. The second usually comes from a file of its own beside `models:`.

Before:

    # providers/openai.yaml
    models: {gpt-6-luna: {}}
    # providers/openai/mini.yaml
    id: gpt-6-luna

After:

    # providers/openai.yaml
    models: {}
    # providers/openai/mini.yaml
    id: gpt-6-luna
"""

from __future__ import annotations

SEVERITY = "error"
INPUTS = ("catalog",)
EMITTED_BY = "modelctl.check.of_provider"
