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

from collections.abc import Iterator

from modelctl.check.found import Found, Spot
from modelctl.check.subject import Subject

SEVERITY = "error"
EMITTED_BY = "modelctl.catalog.construct"


def whole(subject: Subject) -> Iterator[Found]:
    """proxy.yaml has a key of its own for what LiteLLM reads in two sections."""
    if subject.catalog:
        for path, _ in subject.catalog.default_fallbacks[1:]:
            text = "`default_fallbacks` is written in two places: keep one"
            yield Found(text, Spot(subject.catalog.proxy_document, path))
