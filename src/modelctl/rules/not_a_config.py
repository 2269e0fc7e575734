"""The file is no LiteLLM config.

A config is a mapping with a list under `model_list`. LiteLLM stops at start.

Before:

    - model_name: gpt
      litellm_params: {model: openai/gpt-5-mini}

After:

    model_list:
      - model_name: gpt
        litellm_params: {model: openai/gpt-5-mini}
"""

from __future__ import annotations

SEVERITY = "error"
INPUTS = ("config",)
FIXED = True
