"""The files as people write them. Docstrings below fields are what editors and the JSON Schema show.

Validation is strict (no text where a number is meant), refuses unknown keys, and turns every
finding into our own words: values are never repeated back, for they may be secrets.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from modelctl.catalog.schema_terms import ModelBudgetSpec
from modelctl.catalog.strict_model import StrictModel, Text

Names = list[Annotated[str, Field(min_length=1)]]
Mode = Annotated[str, Field(min_length=1)]


def _iso_date(value: object) -> Any:
    """A date in quotes is as good as one without."""
    if isinstance(value, str):
        return date.fromisoformat(value)
    return value


Day = Annotated[date, BeforeValidator(_iso_date)]
Tokens = Annotated[int, Field(ge=0)]
Usd = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class PriceSpec(StrictModel):
    """USD per 1M tokens."""

    input: Usd | None = None
    """USD per 1M tokens sent."""
    output: Usd | None = None
    """USD per 1M tokens answered."""
    cached_input: Usd | None = None
    """USD per 1M tokens read from the provider's cache."""


class LifecycleSpec(StrictModel):
    """Whether the provider still offers the model, and what comes after it."""

    status: Literal["active", "deprecated", "retired"] | None = None
    """A retired model is listed but not rendered. Without a status, `retires` decides."""
    released: Day | None = None
    """The day on which the provider released it (YYYY-MM-DD); pages sort by it."""
    retires: Day | None = None
    """The day on which the provider switches it off (YYYY-MM-DD)."""
    successor: Text | None = None
    """Public name of the model to use instead."""
    render: bool = False
    """Render it although it is retired."""


class EndpointSpec(StrictModel):
    """What a provider, a model and a deployment may each set; the innermost wins."""

    api_key: Text | None = None
    """A reference, `os.environ/NAME` or `file:/run/secrets/NAME`; `none` for servers without keys."""
    api_base: Text | None = None
    """The server's address, as LiteLLM expects it for this provider."""
    api_version: Text | None = None
    """Azure's API version."""
    params: dict[str, Any] | None = None
    """Passed to LiteLLM's `litellm_params` as they are."""
    info: dict[str, Any] | None = None
    """Passed to LiteLLM's `model_info` as they are."""
    tags: Names | None = None
    """Words to find and choose models by. On a deployment: LiteLLM's own routing tags."""


class UpstreamSpec(EndpointSpec):
    """Which model the provider is asked for."""

    model: Text | None = None
    """The provider's own id of the model, where it is not the key."""
    litellm_model: Text | None = None
    """The whole string for LiteLLM, where `<litellm_provider>/<model>` is not right."""
    base_model: Text | None = None
    """The model in LiteLLM's price map that this one is (Azure deployments, fine-tuned models)."""


class DeploymentSpec(UpstreamSpec):
    """One of several endpoints that serve the same model."""


class Chained(StrictModel):
    """What to try when a request to this name fails."""

    fallbacks: Names | None = None
    """Public names to try, in this order, when it fails."""
    context_window_fallbacks: Names | None = None
    """Public names to try when the request is too long for it."""
    content_policy_fallbacks: Names | None = None
    """Public names to try when the provider refuses the content."""


class Served(Chained):
    """A name that a wildcard serves, with fallbacks of its own."""


class ModelSpec(Chained, UpstreamSpec):
    """A model that clients may call. Every fact is optional: the price map fills in what it knows."""

    name: Text | None = None
    """The name that people read; default: the key."""
    description: str | None = None
    """One line on what it is good for."""
    public_name: Text | None = None
    """What clients send as `model`; default: the key, for a wildcard `<provider>/<key>`."""
    load_balanced: bool = False
    """Share the public name with other models that say so too; LiteLLM spreads requests over them."""
    mode: Mode | None = None
    """chat, responses, completion, embedding, image_generation, audio_transcription, audio_speech, rerank, ..."""
    context_window: Tokens | None = None
    """Tokens that one request may hold."""
    max_output_tokens: Tokens | None = None
    """Tokens that one answer may hold."""
    # <made by scripts/fact_tables.py>
    supports_streaming: bool | None = None
    """Answers can be streamed."""
    supports_tools: bool | None = None
    """Function calling."""
    supports_vision: bool | None = None
    """Reads images."""
    supports_audio: bool | None = None
    """Hears audio."""
    supports_json: bool | None = None
    """Answers by a JSON schema."""
    is_reasoning: bool | None = None
    """Thinks before it answers."""
    # </made>
    price: PriceSpec | None = None
    """USD per 1M tokens; wins over the price map."""
    protected: bool = False
    """Removing it needs `--force`."""
    budget: ModelBudgetSpec | None = None
    """What it may use in a day."""
    icon: str | None = None
    """For pages that list models."""
    color: str | None = None
    """For pages that list models."""
    lifecycle: LifecycleSpec | None = None
    """Whether the provider still offers it; default: by the date in the price map."""
    serves: dict[str, Served] | None = None
    """Of a wildcard: names that it serves and that have fallbacks of their own."""
    deployments: Annotated[list[DeploymentSpec], Field(min_length=1)] | None = None
    """Several endpoints of this one model; LiteLLM spreads requests over them."""


class ModelFile(ModelSpec):
    """`providers/<provider>/<any>.yaml`: one model in a file of its own."""

    id: Text | None = None
    """The model's key; default: the file's name without `.yaml`."""


class ProviderSpec(EndpointSpec):
    """`providers/<provider>.yaml`: who is called, how, and with which models."""

    name: Text | None = None
    """The name that people read; default: the file's name."""
    description: str | None = None
    """One line on who this is."""
    icon: str | None = None
    """For pages that list providers."""
    color: str | None = None
    """For pages that list providers."""
    litellm_provider: Text | None = None
    """LiteLLM's name of the provider; default: the file's name."""
    env_defaults: dict[str, str] | None = None
    """Values of environment variables that are no secrets, where the environment has none."""
    models: dict[str, ModelSpec | None] | None = None
    """The models, by key. `gpt-6-luna: {}` is enough."""
