"""The catalog has no models.

Publishing it would take every model away from the workers. A warning where a proxy.yaml is written: LiteLLM starts on
it, and answers 400 to every request.

Before:

    # providers/openai.yaml
    models: {}

After:

    # providers/openai.yaml
    models: {gpt-6-luna: {}}
"""

from __future__ import annotations

SEVERITY = "error"
INPUTS = ("catalog",)
EMITTED_BY = "modelctl.check.of_catalog"
