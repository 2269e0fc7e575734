"""A key is set by modelctl itself.

`litellm_params.model` comes from `model:` or `litellm_model:`; `model_info.id` and `db_model` are modelctl's, since
stable ids are what a hot reload compares.

Before:

    models:
      mini: {params: {model: openai/gpt-6-luna}}

After:

    models:
      mini: {litellm_model: openai/gpt-6-luna}
"""

from __future__ import annotations

SEVERITY = "error"
INPUTS = ("catalog",)
EMITTED_BY = "modelctl.check.of_provider"
