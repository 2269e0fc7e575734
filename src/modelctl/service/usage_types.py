"""What `/usage` answers: made in `usage_query`, documented in the OpenAPI."""

from __future__ import annotations

from typing import Annotated, NotRequired

from pydantic import Field
from typing_extensions import TypedDict


class Failures(TypedDict):
    rate_limit: int
    timeout: int
    auth: int
    bad_request: int
    upstream: int
    other: int


class Spread(TypedDict):
    """Seconds; every quantile is within 1 %, the mean is exact."""

    mean: float
    p50: float
    p95: float
    p99: float


class UsageFigures(TypedDict):
    """`requests` are what clients sent, `attempts` calls of a provider: one request may take several.

    `cost` is in USD as LiteLLM computed it, null where nothing is known; `cost_unknown` counts the attempts without.
    `latency` is of requests, with their retries. `not_counted`: requests whose end LiteLLM never reported.
    """

    requests: int
    succeeded: int
    success_rate: float | None
    failed: Failures
    cached: int
    closed: int
    attempts: int
    attempts_failed: Failures
    prompt_tokens: int
    completion_tokens: int
    cached_read_tokens: int
    cache_creation_tokens: int
    reasoning_tokens: int
    cost: float | None
    cost_unknown: int
    latency: Spread | None
    attempt_latency: Spread | None
    first_token: Spread | None
    tokens_per_second: float | None
    not_counted: int
    tool_calls: int
    tool_calls_invalid: int
    json_answers: int
    json_answers_invalid: int


class UsageRow(UsageFigures):
    """One group (in one step). `requests` are what clients sent, `attempts` calls of a provider: one may take several.

    `cost` is in USD as LiteLLM computed it, null where nothing is known; `cost_unknown` counts the attempts without.
    `latency` is of requests, with their retries. `not_counted`: requests whose end LiteLLM never reported.
    """

    at: NotRequired[Annotated[str | None, Field(description="where the step begins; with `step` alone")]]
    model: NotRequired[Annotated[str | None, Field(description="the public name that served")]]
    provider: NotRequired[str | None]
    route: NotRequired[Annotated[str | None, Field(description="the name that was asked for")]]
    deployment: NotRequired[str | None]
    worker: NotRequired[str | None]
    tag: NotRequired[Annotated[str | None, Field(description="of MODELCTL_USAGE_TAG; empty where none was set")]]
    recost: NotRequired[Annotated[float | None, Field(description="with `recost` alone: USD at the prices of now")]]


# The functional form, since `from` cannot be an attribute.
UsageAnswer = TypedDict(
    "UsageAnswer",
    {
        "from": str,
        "to": str,
        "step": Annotated[int | None, Field(description="seconds")],
        "group_by": list[str],
        "rows": list[UsageRow],
        "price_maps": NotRequired[
            Annotated[list[str], Field(description="by which costs were computed; with `recost`")]
        ],
    },
)
UsageAnswer.__doc__ = "`from` may lie before what was asked, where only wider rows are kept."
