"""Facts come from LiteLLM's bundled map, found without importing litellm, looked up as LiteLLM does."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelctl.litellm_spec.price_map import UNKNOWN, facts_of, find, per_million, per_token, price_map


def test_price_map_is_read_without_importing_litellm() -> None:
    code = (
        "import sys; from modelctl.litellm_spec.price_map import price_map; n = len(price_map());"
        "assert n > 1000, n; assert 'litellm' not in sys.modules; assert 'sample_spec' not in price_map()"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_facts_of_a_known_model() -> None:
    facts = facts_of("openai/gpt-5-mini")
    entry = price_map()["gpt-5-mini"]
    assert (facts.mode, facts.supports_tools, facts.supports_vision, facts.is_reasoning) == ("chat", True, True, True)
    assert facts.context_window == entry["max_input_tokens"]
    assert facts.input == pytest.approx(entry["input_cost_per_token"] * 1e6)
    assert facts.supports_streaming is True


def test_facts_of_an_unknown_model_are_unknown() -> None:
    assert facts_of("openai/never-heard-of-it") == UNKNOWN
    assert facts_of("no-prefix") == UNKNOWN


MAP = {
    "gemini/pro": {"litellm_provider": "gemini", "from": "prefixed"},
    "pro": {"litellm_provider": "vertex_ai-language-models", "from": "bare"},
    "gpt": {"litellm_provider": "openai", "from": "bare gpt"},
    "ft:gpt": {"litellm_provider": "openai", "from": "fine-tuned"},
    "anyone": {"from": "no provider"},
    "azure/gpt": {"litellm_provider": "azure", "from": "azure"},
}


@pytest.mark.parametrize(
    ("upstream", "base_model", "expected"),
    [
        ("gemini/pro", None, "prefixed"),
        ("vertex_ai/pro", None, "bare"),
        ("gemini/pro-001", None, "prefixed"),
        ("openai/gpt", None, "bare gpt"),
        ("openai/gpt-2026-01-01", None, "bare gpt"),
        ("openai/ft:gpt:acme:x:1", None, "fine-tuned"),
        ("mistral/gpt", None, None),
        ("mistral/anyone", None, "no provider"),
        ("azure/my-deployment", "azure/gpt", "azure"),
        ("azure/gpt", "azure/not-there", None),
        ("gpt", None, "bare gpt"),
    ],
)
def test_find(upstream: str, base_model: str | None, expected: str | None) -> None:
    entry = find(MAP, upstream, base_model)
    assert (entry and entry["from"]) == expected


@pytest.mark.parametrize(("usd", "each"), [(0.1, 1e-07), (2.5, 2.5e-06), (0.075, 7.5e-08), (15, 1.5e-05), (0, 0.0)])
def test_per_token_is_exact(usd: float, each: float) -> None:
    assert per_token(usd) == each
    assert per_million(each) == usd


@given(st.decimals(min_value=0, max_value=10_000, places=4))
def test_prices_survive_both_ways(usd: object) -> None:
    assert per_million(per_token(float(usd))) == float(usd)  # type: ignore[arg-type]
