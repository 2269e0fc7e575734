"""Routes, presets and proxy.yaml as people write them; providers and models are in `schema`."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, WrapValidator, model_validator
from pydantic_core import PydanticCustomError

from modelctl.catalog.schema import Mode, Names, Tokens, Usd
from modelctl.catalog.schema_terms import SAID, AlertsSpec, BudgetSpec, GuardSpec, ProofSpec, Sticky, whole, wrong
from modelctl.catalog.strict_model import StrictModel, Text


class Requires(StrictModel):
    """What a model must have to be selected. A fact that is not known satisfies nothing."""

    # <made by scripts/fact_tables.py>
    streaming: bool | None = None
    """Answers can be streamed."""
    tools: bool | None = None
    """Function calling."""
    vision: bool | None = None
    """Reads images."""
    audio: bool | None = None
    """Hears audio."""
    json_: Annotated[bool | None, Field(alias="json")] = None
    """Answers by a JSON schema."""
    reasoning: bool | None = None
    """Thinks before it answers."""
    # </made>
    mode: Mode | None = None
    """Kind of model that the route holds; default: chat."""
    context_window: Tokens | None = None
    """At least so many tokens."""
    max_output_tokens: Tokens | None = None
    """At least so many tokens."""
    max_input_price: Usd | None = None
    """At most so many USD per 1M tokens."""
    max_output_price: Usd | None = None
    """At most so many USD per 1M tokens."""


def _choices(value: Any, handler: Any) -> Any:
    """Reports one problem instead of one per allowed form."""
    try:
        return handler(value)
    except ValidationError:
        raise PydanticCustomError("choices", "takes `any`, a list of public names, or `{tags: [...]}`") from None


class ByTags(StrictModel):
    """Models with any of these tags."""

    tags: Annotated[Names, Field(min_length=1)]
    """One of them is enough."""


class RouteSpec(StrictModel):
    """A name that apps call; where it points can change at run time."""

    target: Text
    """Public name of the model that it points to by default."""
    description: str | None = None
    """One line on what it is for."""
    fallbacks: Names | None = None
    """Public names to try when the target fails; default: the target's own."""
    context_window_fallbacks: Names | None = None
    """Public names to try when the request is too long for the target."""
    content_policy_fallbacks: Names | None = None
    """Public names to try when the provider refuses the content."""
    requires: Requires | None = None
    """What a model must have to be selected."""
    choices: Annotated[Literal["any"] | Annotated[Names, Field(min_length=1)] | ByTags, WrapValidator(_choices)] = "any"
    """What may be selected: any, a list of public names, or `{tags: [...]}`."""
    hidden: bool = False
    """Leave it out of LiteLLM's own list of models."""
    protected: bool = False
    """Removing it, or giving it another default target, needs `--force`."""
    also: Names | None = None
    """Further names for it, e.g. one that starts with `claude` for clients that show no other."""
    guard: GuardSpec | None = None
    """When it leaves its target by itself."""
    budget: BudgetSpec | None = None
    """What may be used through it in a day."""
    split: Annotated[dict[Text, Annotated[float, Field(ge=0, le=100)]] | None, AfterValidator(whole)] = None
    """Public names and their shares of the requests in percent, 100 together; the target is one of them."""
    proof: ProofSpec | None = None
    """What a model is held to that is proved on it."""
    sticky: Sticky | None = None
    """What requests that stay together have in common: `user` (default), `session`, or `header:<name>`."""

    @model_validator(mode="after")
    def _target_is_an_arm(self) -> RouteSpec:
        if self.split is not None and self.target not in self.split:
            raise wrong("needs its `target` among the names of `split`")
        return self


class PresetSpec(StrictModel):
    """A saved choice: a route, a model, and how to sample."""

    route: Text = "active"
    """The route to select on."""
    model: Text | None = None
    """Public name of the model."""
    provider: Text | None = None
    """Where two providers offer the model."""
    description: str | None = None
    """One line on when to use it."""
    params: dict[str, Any] | None = None
    """Sampling parameters that clients may send along (temperature, ...)."""


SECTIONS = (
    "litellm_settings",
    "router_settings",
    "general_settings",
    "credential_list",
    "environment_variables",
    "mcp_servers",
    "mcp_tools",
    "guardrails",
    "prompts",
    "policies",
    "policy_attachments",
    "plugins",
    "classifier_plugin",
    "search_tools",
    "sandbox_tools",
    "agents",
    "agent_list",
    "assistant_settings",
    "callback_settings",
    "default_vertex_config",
    "files_settings",
    "finetune_settings",
    "pass_through_endpoints",
    "vector_store_registry",
    "worker_registry",
)
"""The top-level sections of a LiteLLM config that may stand in proxy.yaml."""

OWN = ("version", "hook", "default_fallbacks", "alerts")
"""What proxy.yaml holds beside LiteLLM's sections."""


CATALOG_VERSION = 1


def _known_version(value: object) -> Any:
    if value is None or (value == CATALOG_VERSION and not isinstance(value, bool | float)):
        return value
    hint = "update modelctl" if isinstance(value, int) and value > CATALOG_VERSION else f"version: {CATALOG_VERSION}"
    raise PydanticCustomError(SAID, "takes 1, the one version of a catalog that this modelctl reads", {"hint": hint})


class ProxySpec(StrictModel):
    """`proxy.yaml`: our own keys; LiteLLM's sections are passed through as they are."""

    version: Annotated[Literal[1] | None, BeforeValidator(_known_version)] = None
    """Version of the catalog's format; a modelctl that does not know it says so instead of misreading the files."""
    hook: bool = True
    """Load modelctl's hook in each LiteLLM worker (hot reload, routes that switch)."""
    default_fallbacks: Names | None = None
    """Public names to try, in this order, when a model without fallbacks of its own fails."""
    alerts: AlertsSpec | None = None
    """Where the control plane says what it did, or what needs people."""
