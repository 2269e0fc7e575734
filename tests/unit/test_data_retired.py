"""Models that LiteLLM knew once: what the data holds, how it is looked up, how it is made."""

from __future__ import annotations

import importlib
import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from modelctl.litellm_spec import known_keys
from modelctl.litellm_spec.price_map import price_map

ROOT = Path(__file__).parents[2]
FILE = ROOT / "src/modelctl/litellm_spec/retired_models.json"
MODELS: dict[str, dict[str, str]] = json.loads(FILE.read_text())["models"]
WHY = {"retired", "removed", "renamed", "delisted"}


def test_the_file_is_small_sorted_and_has_a_model_a_line() -> None:
    lines = re.findall(r'^  "(.+?)": \{', FILE.read_text(), re.MULTILINE)
    assert FILE.stat().st_size < 400_000
    assert lines == sorted(MODELS)
    assert len(lines) > 700


def test_every_entry_is_whole() -> None:
    for name, entry in MODELS.items():
        assert entry["why"] in WHY, name
        assert re.fullmatch(r"\d+\.\d+\.\d+", entry["last"]), name
        assert entry["provider"], name
        assert ("retired" in entry) == (entry["why"] == "retired"), name
        assert "successor" in entry or entry["why"] != "renamed", name
        date.fromisoformat(entry.get("retired", "2026-01-01"))


def test_none_stands_in_the_installed_map_and_every_successor_does() -> None:
    """Fails when another LiteLLM is installed: then scripts/retired_models.py has to run again."""
    known = price_map()
    assert [name for name in MODELS if name in known] == []
    assert [entry["successor"] for entry in MODELS.values() if entry.get("successor", "gpt-5") not in known] == []


@pytest.mark.parametrize(
    ("name", "provider", "why", "successor"),
    [
        ("groq/llama-3.3-70b-versatile", None, "retired", "groq/openai/gpt-oss-120b"),
        ("llama-3.3-70b-versatile", "groq", "retired", "groq/openai/gpt-oss-120b"),
        ("claude-3-5-sonnet-20241022", None, "retired", "claude-sonnet-4-6"),
        ("anthropic/claude-3-5-sonnet-20241022", None, "retired", "claude-sonnet-4-6"),
        ("bedrock/anthropic.claude-3-haiku-20240307-v1:0", None, "retired", "anthropic.claude-haiku-4-5-20251001-v1:0"),
        ("bedrock/converse/us.anthropic.claude-3-haiku-20240307-v1:0", None, "retired", None),
        ("vertex_ai/gemini-2.0-flash", None, "retired", "gemini-3.5-flash"),
        ("gemini/gemini-2.0-flash", "gemini", "retired", "gemini/gemini-3.5-flash"),
        ("cohere/command-r", None, "retired", "command-r-08-2024"),
        ("openai/responses/codex-mini-latest", None, "retired", "gpt-5.3-codex"),
        ("o1-mini", "openai", "removed", "gpt-5.6-terra"),
        ("cerebras/llama3.3-70b", None, "renamed", "cerebras/llama-3.3-70b"),
        ("openrouter/openai/gpt-5.4", None, "delisted", None),
    ],
)
def test_looked_up(name: str, provider: str | None, why: str, successor: str | None) -> None:
    found = known_keys.retired(name, provider)
    assert found is not None
    assert found.why == why
    assert (found.date is not None) == (why == "retired")
    if successor is not None:
        assert found.successor == successor


@pytest.mark.parametrize(
    ("name", "provider"),
    [
        ("gpt-5.6-terra", None),
        ("groq/openai/gpt-oss-120b", None),
        ("openai/claude-3-5-sonnet-20241022", None),  # another server that calls a model so
        ("claude-3-5-sonnet-20241022", "openai"),
        ("hosted_vllm/gemini-2.0-flash", None),
        ("ollama/command-r", None),
        ("azure/my-deployment", None),
        ("", None),
        ("/", None),
    ],
)
def test_not_retired(name: str, provider: str | None) -> None:
    assert known_keys.retired(name, provider) is None


def test_how_entries_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    made = importlib.import_module("retired_models")
    now: dict[str, Any] = {
        "groq/kept": {"litellm_provider": "groq"},
        "groq/vendor/new-name": {"litellm_provider": "groq"},
    }
    old = {f"shop/model-{number}": {"litellm_provider": "shop"} for number in range(made.MANY)}
    first = {"groq/gone": {"litellm_provider": "groq"}, "shop/earlier": {"litellm_provider": "shop"}}
    last = {
        **old,
        "groq/ended": {"litellm_provider": "groq", "deprecation_date": "2026-01-31"},
        "groq/New_Name": {"litellm_provider": "groq"},
        "1024-x-1024/picture": {"litellm_provider": "groq"},
        "groq/kept": {"litellm_provider": "groq"},
    }
    found = made.collect(now, [("1.0.0", first), ("1.1.0", last)])
    assert found["groq/gone"]["why"] == "removed"
    assert found["groq/gone"]["last"] == "1.0.0"
    assert found["shop/earlier"]["why"] == "removed"
    assert found["shop/model-7"]["why"] == "delisted"
    assert found["groq/ended"]["why"] == "retired"
    assert found["groq/ended"]["retired"] == "2026-01-31"
    assert found["groq/New_Name"]["successor"] == "groq/vendor/new-name"
    assert {"1024-x-1024/picture", "groq/kept"}.isdisjoint(found)
