"""The models that the session's proxy offers: some on the tests' own upstream, one of each provider on aimock.

`alpha`, `beta`, `gamma`   chat models on the upstream, each with a key and a base by reference
`embed`                    an embedding model there
`wire-<provider>`          one per provider, on aimock
`active`                   points to `alpha` by default
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from modelctl.desired import Deployment, DesiredState, Route, deployment

PROVIDERS = ("openai", "anthropic", "google", "azure", "deepseek", "ollama")
MODELS = ("alpha", "beta", "gamma")

SETTINGS: dict[str, Any] = {
    "general_settings": {"master_key": "os.environ/LITELLM_MASTER_KEY"},
    "litellm_settings": {"callbacks": ["modelctl.hook.handler"], "drop_params": False},
    # A model that fails on demand must be asked again by the next test.
    "router_settings": {"num_retries": 0, "disable_cooldowns": True},
}


def key_of(model: str) -> str:
    """The key that the upstream sees from `model`."""
    return f"sk-key-of-{model}"


def variables(upstream: str, aimock: str) -> dict[str, str]:
    """The workers' environment: every key and base of the world. Both arguments are URLs without a path."""
    keys = {f"KEY_{model.upper()}": key_of(model) for model in (*MODELS, "embed", "spare")}
    wire = {
        "OPENAI_API_KEY": "sk-wire-openai",
        "ANTHROPIC_API_KEY": "sk-wire-anthropic",
        "GOOGLE_API_KEY": "wire-google",
        "AZURE_API_KEY": "wire-azure",
        "AZURE_API_BASE": aimock,
        "AZURE_API_VERSION": "2024-10-21",
        "DEEPSEEK_API_KEY": "sk-wire-deepseek",
        "OLLAMA_BASE_URL": aimock,
    }
    return {**keys, **wire, "UPSTREAM_BASE": f"{upstream}/v1"}


def upstream_model(name: str, key: str | None = None, **params: Any) -> Deployment:
    """A chat model on the upstream; `key` names the variable that holds its key."""
    reference = f"os.environ/{key or 'KEY_' + name.upper()}"
    base = {"model": f"openai/{name}", "api_key": reference, "api_base": "os.environ/UPSTREAM_BASE"}
    return deployment(name, {**base, **params}, {})


def wire_models(aimock: str) -> list[Deployment]:
    """What the shipped catalog's providers compile to, each with its base moved to aimock."""
    params: dict[str, dict[str, Any]] = {
        "openai": {"model": "openai/gpt-5-mini", "api_base": f"{aimock}/v1"},
        "anthropic": {"model": "anthropic/claude-haiku-4-5", "api_base": aimock},
        "google": {"model": "gemini/gemini-2.5-flash", "api_base": f"{aimock}/v1beta"},
        "azure": {
            "model": "azure/our-gpt",
            "api_base": "os.environ/AZURE_API_BASE",
            "api_version": "os.environ/AZURE_API_VERSION",
        },
        "deepseek": {"model": "deepseek/deepseek-chat", "api_base": f"{aimock}/v1"},
        "ollama": {"model": "ollama_chat/llama3.2", "api_base": "os.environ/OLLAMA_BASE_URL"},
    }
    keyed = {name: f"os.environ/{name.upper()}_API_KEY" for name in PROVIDERS if name != "ollama"}
    base_model = {"azure": {"base_model": "azure/gpt-4o"}}
    return [
        deployment(
            f"wire-{name}",
            {**params[name], **({"api_key": keyed[name]} if name in keyed else {})},
            base_model.get(name, {}),
        )
        for name in PROVIDERS
    ]


def base_world(aimock: str) -> DesiredState:
    """What the session starts with, and what every test finds again."""
    embed = deployment(
        "embed",
        {"model": "openai/embed", "api_key": "os.environ/KEY_EMBED", "api_base": "os.environ/UPSTREAM_BASE"},
        {"mode": "embedding"},
    )
    return state([*(upstream_model(name) for name in MODELS), embed, *wire_models(aimock)])


def state(deployments: Iterable[Deployment], **changes: Any) -> DesiredState:
    """A desired state with the route `active` on `alpha`; `changes` are fields of `DesiredState`."""
    fields: dict[str, Any] = {"routes": {"active": Route("active", "alpha")}, "settings": SETTINGS, **changes}
    return DesiredState({each.id: each for each in deployments}, **fields)
