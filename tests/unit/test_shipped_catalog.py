"""The shipped catalog says nothing that LiteLLM's bundled map contradicts, and its references hold.

Reads the YAML and the map only: whatever else is broken, this still tells whether the data is right.
"""

from __future__ import annotations

import importlib.util
import json
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from modelctl.project import DEMO_PATH, DEMO_URL, HOST, PORT

ROOT = Path(__file__).parents[2]
CATALOG = ROOT / "catalog"

# When the data was last reviewed. Compared with this instead of with today, so that a model's retirement is a warning
# of `modelctl check` and not a failing test on some later morning.
REVIEWED = date(2026, 11, 22)

NAMED = {
    "openai": {"GPT-5 Mini": "gpt-5-mini", "GPT-4o": "gpt-4o", "GPT-4o Mini": "gpt-4o-mini", "O1 Pro": "o1-pro"},
    "anthropic": {
        "Claude Sonnet 4.5": "claude-sonnet-4-5",
        "Claude Haiku 4.5": "claude-haiku-4-5",
        "Claude 3 Opus": "claude-3-opus",
        "Claude 3 Sonnet": "claude-3-sonnet",
    },
    "google": {"Gemini 2.5 Pro": "gemini-2.5-pro", "Gemini 2.0 Flash": "gemini-2.0-flash"},
    "azure": {"Azure GPT-4o": "azure-gpt-4o", "Azure GPT-3.5 Turbo": "azure-gpt-3.5-turbo"},
    "deepseek": {"DeepSeek Chat": "deepseek-chat", "DeepSeek R1": "deepseek-r1"},
    "ollama": {"Llama 3.2": "llama3.2", "Mistral": "mistral"},
    "demo": {"Demo": "demo"},
}

UNKNOWN_TO_THE_MAP = {
    "custom_openai/demo": "made up; the control plane answers it",
    "openai/demo-embedding": "made up; the control plane answers it",
    "anthropic/claude-3-opus-20240229": "LiteLLM deletes retired models from its map",
    "anthropic/claude-3-sonnet-20240229": "LiteLLM deletes retired models from its map",
    "gemini/gemini-2.0-flash": "LiteLLM deletes retired models from its map",
    "ollama_chat/llama3.2": "the map lists old Ollama models only, and under ollama/",
    "ollama_chat/mistral": "the map has it as ollama/mistral, in another mode and with an old context window",
    "ollama_chat/gpt-oss": "the map has the hosted sizes only",
    "ollama_chat/qwen3": "the map lists old Ollama models only, and under ollama/",
}

VARIABLES = {
    "OPENAI_API_KEY",
    "ANTHROPIC_API_KEY",
    "GOOGLE_API_KEY",
    "AZURE_API_KEY",
    "AZURE_API_BASE",
    "AZURE_API_VERSION",
    "DEEPSEEK_API_KEY",
    "OLLAMA_BASE_URL",
}

CHAT = {"chat", "responses", "completion"}


@dataclass(frozen=True)
class Shipped:
    provider: str
    key: str
    said: dict[str, Any]
    litellm_provider: str

    @property
    def upstream(self) -> str:
        return str(self.said.get("litellm_model") or f"{self.litellm_provider}/{self.said.get('model', self.key)}")

    @property
    def facts(self) -> dict[str, Any] | None:
        """What the map says; it lists the first providers without their prefix."""
        names = (self.said.get("base_model"), self.upstream, self.upstream.partition("/")[2])
        return next((MAP[name] for name in names if name in MAP), None)

    @property
    def lifecycle(self) -> dict[str, Any]:
        """What is written about its end; a day of release alone says nothing of that."""
        return {key: one for key, one in self.said.get("lifecycle", {}).items() if key != "released"}

    @property
    def released(self) -> str | None:
        return self.said.get("lifecycle", {}).get("released")

    @property
    def mode(self) -> str:
        return self.said.get("mode") or (self.facts or {})["mode"]


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def bundled_map() -> dict[str, Any]:
    spec = importlib.util.find_spec("litellm")  # finds the package without the seconds that importing it costs
    assert spec is not None
    assert spec.origin is not None
    path = Path(spec.origin).parent / "model_prices_and_context_window_backup.json"
    return json.loads(path.read_text(encoding="utf-8"))


MAP = bundled_map()
PROVIDERS = {path.stem: read(path) for path in sorted((CATALOG / "providers").glob("*.yaml"))}
MODELS = [
    Shipped(provider, key, said, data["litellm_provider"])
    for provider, data in PROVIDERS.items()
    for key, said in data["models"].items()
]
BY_NAME = {model.key: model for model in MODELS}
each_model = pytest.mark.parametrize("model", MODELS, ids=lambda model: f"{model.provider}-{model.key}")
each_dated = pytest.mark.parametrize(
    "model", [model for model in MODELS if model.lifecycle], ids=lambda model: model.key
)


def test_providers_are_the_documented_ones() -> None:
    assert set(PROVIDERS) == set(NAMED)


def test_at_least_thirty_models_beside_demo() -> None:
    assert len([model for model in MODELS if model.provider != "demo"]) >= 30


def test_public_names_are_unique() -> None:
    names = [model.said.get("public_name", model.key) for model in MODELS]
    assert sorted(names) == sorted(set(names))


def test_named_models_are_listed() -> None:
    shipped = {(model.provider, model.said["name"], model.key) for model in MODELS}
    named = {(provider, name, key) for provider, models in NAMED.items() for name, key in models.items()}
    assert named <= shipped


@each_model
def test_model_has_a_name_and_one_sentence(model: Shipped) -> None:
    assert model.said["name"].strip()
    assert re.fullmatch(r"[A-Z][^\n]*\.", model.said["description"])


def test_upstreams_unknown_to_the_map_are_the_explained_ones() -> None:
    assert {model.upstream for model in MODELS if model.facts is None} == set(UNKNOWN_TO_THE_MAP)


@each_model
def test_model_outside_the_map_brings_its_own_facts(model: Shipped) -> None:
    own = {"mode", "context_window", "supports_tools", "price"}
    assert model.facts is not None or own <= set(model.said)


@each_model
def test_azure_model_says_what_runs_there(model: Shipped) -> None:
    assert (model.said.get("base_model") in MAP) == (model.provider == "azure")


@each_model
def test_date_in_the_past_means_retired(model: Shipped) -> None:
    dates = {model.lifecycle.get("retires"), (model.facts or {}).get("deprecation_date")} - {None}
    past = any(date.fromisoformat(text) <= REVIEWED for text in dates)
    assert (model.lifecycle.get("status") == "retired") == past


@each_dated
def test_lifecycle_agrees_with_the_map(model: Shipped) -> None:
    assert model.lifecycle["status"] in {"deprecated", "retired"}
    assert isinstance(model.lifecycle["retires"], str), "quote the date, else YAML reads it as one"
    assert model.lifecycle["retires"] == (model.facts or {}).get("deprecation_date", model.lifecycle["retires"])


@each_dated
def test_successor_is_alive_and_of_the_same_kind(model: Shipped) -> None:
    successor = BY_NAME[model.lifecycle["successor"]]
    assert not successor.lifecycle, "name the end of the line, not the next model to retire"
    assert successor.mode == model.mode or {successor.mode, model.mode} <= CHAT


def test_more_than_one_kind_of_model_is_shipped() -> None:
    assert {model.mode for model in MODELS} >= {"chat", "responses", "embedding", "image_generation"}


def test_fallbacks_name_other_models_that_are_not_retired() -> None:
    wrong = [
        (model.key, name)
        for model in MODELS
        for name in model.said.get("fallbacks", [])
        if name == model.key or name not in BY_NAME or BY_NAME[name].lifecycle.get("status") == "retired"
    ]
    assert wrong == []


def test_what_a_newcomer_meets_lives_for_a_year() -> None:
    """Targets and fallbacks of the shipped routes, what stands in for another model, and the README's examples."""
    routes = read(CATALOG / "routes.yaml").values()
    named = {name for route in routes for name in (route["target"], *route.get("fallbacks", ()))}
    named |= {name for model in MODELS for name in model.said.get("fallbacks", ())}
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = set(re.findall(r"modelctl use ([\w.-]+)", readme)) | set(re.findall(r"^  ([\w.-]+): \{\}$", readme, re.M))
    for name in named | (shown & set(BY_NAME)):
        model = BY_NAME[name]
        end = (model.facts or {}).get("deprecation_date")
        assert not model.lifecycle, name
        assert end is None or date.fromisoformat(end) > REVIEWED.replace(year=REVIEWED.year + 1), name
    assert shown & set(BY_NAME)


def test_active_route_answers_with_no_key() -> None:
    active = read(CATALOG / "routes.yaml")["active"]
    assert active["target"] == "demo"
    assert active["fallbacks"] == ["gpt-6-luna", "claude-haiku-5-5"]
    assert active["requires"] == {"tools": True}
    assert PROVIDERS["demo"]["api_key"] == "none"
    assert PROVIDERS["demo"]["env_defaults"] == {DEMO_URL: f"http://{HOST}:{PORT}{DEMO_PATH}"}


def test_active_route_may_hold_demo_and_each_current_chat_model() -> None:
    for model in MODELS:
        if model.mode in CHAT and not model.lifecycle:
            known = (model.facts or {}).get("supports_function_calling")
            assert model.said.get("supports_tools", known) is True, model.key


def test_routes_point_to_shipped_models() -> None:
    for name, route in read(CATALOG / "routes.yaml").items():
        assert name not in BY_NAME
        assert {route["target"], *route.get("fallbacks", [])} <= set(BY_NAME)


def references(path: Path) -> set[str]:
    return set(re.findall(r"os\.environ/(\w+)", path.read_text(encoding="utf-8")))


def test_variables_are_the_documented_ones() -> None:
    named = set[str]().union(*(references(path) for path in (CATALOG / "providers").glob("*.yaml")))
    assert named == VARIABLES | {DEMO_URL}
    assert references(CATALOG / "proxy.yaml") == {"LITELLM_MASTER_KEY"}


def test_env_example_has_each_variable_once_and_no_secret() -> None:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    given = dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    assert len([line for line in lines if "=" in line and not line.startswith("#")]) == len(VARIABLES)
    assert given == dict.fromkeys(VARIABLES, "") | {"OLLAMA_BASE_URL": "http://localhost:11434"}
    assert "# LITELLM_MASTER_KEY=" in lines


def test_env_example_repeats_the_defaults_of_the_catalog() -> None:
    defaults = {name: value for data in PROVIDERS.values() for name, value in data.get("env_defaults", {}).items()}
    assert set(defaults) == {"OLLAMA_BASE_URL", DEMO_URL}
    assert defaults["OLLAMA_BASE_URL"] == "http://localhost:11434"


@pytest.mark.parametrize("path", sorted(CATALOG.rglob("*.yaml")), ids=lambda path: path.name)
def test_file_begins_by_saying_what_it_is(path: Path) -> None:
    head = re.match(r"(#[^\n]*\n)+", path.read_text(encoding="utf-8"))
    assert head is not None
    assert 2 <= len(head[0].splitlines()) <= 4


@pytest.mark.parametrize("model", [model for model in MODELS if model.released], ids=lambda model: model.key)
def test_a_day_of_release_is_a_quoted_day_before_the_end(model: Shipped) -> None:
    assert isinstance(model.released, str), "quote the date, else YAML reads it as one"
    assert date.fromisoformat(model.released) < date.fromisoformat(model.lifecycle.get("retires") or "9999-12-31")
