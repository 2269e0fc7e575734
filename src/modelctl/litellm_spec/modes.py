"""The modes of LiteLLM's price map, and which of them one request can stand in for another."""

from __future__ import annotations

CHAT_MODES = ("chat", "responses", "completion")
"""LiteLLM serves each of them under `/chat/completions`."""


def is_chat(mode: object) -> bool:
    """Whether a model of this mode takes chat requests. An unknown mode (None) counts as chat."""
    return mode is None or mode in CHAT_MODES
