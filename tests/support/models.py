"""The models that the session's proxy offers, all on the tests' own upstream.

`alpha`, `beta`, `gamma`   chat models on the upstream, each with a key and a base by reference
`embed`                    an embedding model there
`active`                   points to `alpha` by default
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from modelctl.state.desired import Deployment, DesiredState, Route, deployment

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


def base_world() -> DesiredState:
    """What the session starts with, and what every test finds again."""
    embed = deployment(
        "embed",
        {"model": "openai/embed", "api_key": "os.environ/KEY_EMBED", "api_base": "os.environ/UPSTREAM_BASE"},
        {"mode": "embedding"},
    )
    return state([*(upstream_model(name) for name in MODELS), embed])


def state(deployments: Iterable[Deployment], **changes: Any) -> DesiredState:
    """A desired state with the route `active` on `alpha`; `changes` are fields of `DesiredState`."""
    fields: dict[str, Any] = {"routes": {"active": Route("active", "alpha")}, "settings": SETTINGS, **changes}
    return DesiredState({each.id: each for each in deployments}, **fields)
