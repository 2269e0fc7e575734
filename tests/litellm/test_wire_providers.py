"""Every provider's wire format: the shipped catalog, hot-added to a real LiteLLM, against a mock that this
project did not write."""

from __future__ import annotations

import pytest

from modelctl.pipeline import build
from modelctl.state.desired import DesiredState
from support.aimock import ANSWER, Aimock
from support.catalog_files import shipped_on
from support.litellm_stack import Stack

MODELS = {  # one of the shipped models of each provider
    "openai": "gpt-5-mini",
    "anthropic": "claude-haiku-4-5",
    "google": "gemini-2.5-flash",
    "azure": "azure-gpt-4o",
    "deepseek": "deepseek-flash",
    "ollama": "llama3.2",
}
ASKED = {  # what the provider's own API is asked: where the path begins, and which model
    "openai": ("/v1/chat/completions", "gpt-5-mini"),
    "anthropic": ("/v1/messages", "claude-haiku-4-5"),
    "google": ("/v1beta/models/gemini-2.5-flash:", "gemini-2.5-flash"),
    "azure": ("/openai/deployments/gpt-4o/chat/completions", "gpt-4o"),
    "deepseek": ("/v1/chat/completions", "deepseek-flash"),
    "ollama": ("/api/chat", "llama3.2"),
}


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory, aimock: Aimock) -> DesiredState:
    made = build(shipped_on(aimock.url, tmp_path_factory.mktemp("shipped")))
    assert made.desired is not None, made.problems
    return made.desired


@pytest.fixture
def proxy(stack: Stack, shipped: DesiredState) -> Stack:
    stack.publish(shipped)
    return stack


@pytest.mark.parametrize("provider", MODELS)
def test_model_of_provider_answers(proxy: Stack, provider: str) -> None:
    answer = proxy.client.chat(MODELS[provider])
    assert (answer.status, answer.text) == (200, ANSWER)
    assert_asked(proxy, provider)


@pytest.mark.parametrize("provider", MODELS)
def test_model_of_provider_streams(proxy: Stack, provider: str) -> None:
    stream = proxy.client.stream(MODELS[provider])
    assert (stream.rest(), stream.complete) == (ANSWER, True)
    assert len(stream.pieces) > 1
    assert_asked(proxy, provider)


@pytest.mark.parametrize("provider", MODELS)
def test_route_reaches_provider_on_every_worker(proxy: Stack, provider: str) -> None:
    proxy.point(MODELS[provider])
    for client in proxy.clients:
        proxy.aimock.forget()
        assert client.chat("active").text == ANSWER
        assert_asked(proxy, provider)


@pytest.mark.parametrize("provider", MODELS)
def test_route_streams_from_provider_on_every_worker(proxy: Stack, provider: str) -> None:
    proxy.point(MODELS[provider])
    for client in proxy.clients:
        proxy.aimock.forget()
        stream = client.stream("active")
        assert (stream.rest(), stream.complete) == (ANSWER, True)
        assert_asked(proxy, provider)


def assert_asked(proxy: Stack, provider: str) -> None:
    """The mock was asked once, in this provider's own way and with its model."""
    (entry,) = proxy.aimock.journal()
    path, model = ASKED[provider]
    assert entry["path"].startswith(path)
    assert entry["body"]["model"] == model
