"""Providers that LiteLLM's price map lists under several names."""

from __future__ import annotations

_SPLIT = ("vertex_ai", "bedrock", "fireworks_ai")  # `vertex_ai-language-models`, `bedrock_converse`, ...
_SAME = {"text-completion-openai": "openai", "cohere_chat": "cohere"}


def family(provider: str) -> str:
    """The one name for all of them."""
    return _SAME.get(provider) or next((each for each in _SPLIT if provider.startswith(each)), provider)


def same_listing(provider: str, listed: str | None) -> bool:
    """Whether an entry that the map lists under one name may be meant by a model string of another provider's name."""
    if listed is None or listed == provider:
        return True
    return any(provider.startswith(each) and listed.startswith(each) for each in _SPLIT)
