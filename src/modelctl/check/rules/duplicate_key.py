"""A key is written twice in one mapping.

YAML forbids it and LiteLLM's reader takes the last without a word: a second `model_list` makes the first disappear.
Inside a setting the same happens to half of it. In a LiteLLM config the same value written twice is a warning.

Before:

    model_list:
      - model_name: gpt
        litellm_params: {model: openai/gpt-6-luna}
    model_list:
      - model_name: claude
        litellm_params: {model: anthropic/claude-haiku-4-5}

After:

    model_list:
      - model_name: gpt
        litellm_params: {model: openai/gpt-6-luna}
      - model_name: claude
        litellm_params: {model: anthropic/claude-haiku-4-5}
"""

from __future__ import annotations

SEVERITY = "error"
EMITTED_BY = ("modelctl.catalog.construct", "modelctl.check.of_proxy")
