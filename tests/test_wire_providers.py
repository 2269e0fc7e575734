"""Every provider's wire format, through a real LiteLLM, against a mock that this project did not write."""

from __future__ import annotations

import pytest

from support.aimock import ANSWER
from support.stack import Stack
from support.world import PROVIDERS

ASKED = {  # what the provider's own API is asked: the path, and the model where the body names it
    "openai": ("/v1/chat/completions", "gpt-5-mini"),
    "anthropic": ("/v1/messages", "claude-haiku-4-5"),
    "google": ("/v1beta/models/gemini-2.5-flash:", "gemini-2.5-flash"),
    "azure": ("/openai/deployments/our-gpt/chat/completions", "our-gpt"),
    "deepseek": ("/v1/chat/completions", "deepseek-chat"),
    "ollama": ("/api/chat", "llama3.2"),
}


@pytest.mark.parametrize("provider", PROVIDERS)
def test_model_of_provider_answers(stack: Stack, provider: str) -> None:
    answer = stack.client.chat(f"wire-{provider}")
    assert (answer.status, answer.text) == (200, ANSWER)
    assert_asked(stack, provider)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_model_of_provider_streams(stack: Stack, provider: str) -> None:
    stream = stack.client.stream(f"wire-{provider}")
    assert (stream.rest(), stream.complete) == (ANSWER, True)
    assert len(stream.pieces) > 1
    assert_asked(stack, provider)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_route_reaches_provider_on_every_worker(stack: Stack, provider: str) -> None:
    stack.point(f"wire-{provider}")
    for client in stack.clients:
        stack.aimock.forget()
        assert client.chat("active").text == ANSWER
        assert_asked(stack, provider)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_route_streams_from_provider_on_every_worker(stack: Stack, provider: str) -> None:
    stack.point(f"wire-{provider}")
    for client in stack.clients:
        stack.aimock.forget()
        stream = client.stream("active")
        assert (stream.rest(), stream.complete) == (ANSWER, True)
        assert_asked(stack, provider)


def assert_asked(stack: Stack, provider: str) -> None:
    """The mock was asked once, in this provider's own way and with its model."""
    (entry,) = stack.aimock.journal()
    path, model = ASKED[provider]
    assert entry["path"].startswith(path)
    assert entry["body"]["model"] == model
