"""What `/usage` answers, for the OpenAPI alone: the values themselves are made in `service.usage_query`."""

from __future__ import annotations

from pydantic import BaseModel, Field


class Failures(BaseModel):
    rate_limit: int
    timeout: int
    auth: int
    bad_request: int
    upstream: int
    other: int


class Spread(BaseModel):
    """Seconds; each within 1 % but for the mean, which is exact."""

    mean: float
    p50: float
    p95: float
    p99: float


class UsageRow(BaseModel):
    """One group (in one step). `requests` are what clients sent, `attempts` calls of a provider: one may take several.

    `cost` is in USD as LiteLLM computed it, null where nothing is known; `cost_unknown` counts the attempts without.
    `latency` is of requests, with their retries. `not_counted`: requests of which LiteLLM never told the end.
    """

    at: str | None = Field(None, description="where the step begins; with `step` alone")
    model: str | None = Field(None, description="the public name that served")
    provider: str | None = None
    route: str | None = Field(None, description="the name that was asked for")
    deployment: str | None = None
    worker: str | None = None
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


class UsageAnswer(BaseModel):
    """`from` may lie before what was asked, where only wider rows are kept."""

    since: str = Field(alias="from")
    to: str
    step: int | None = Field(description="seconds")
    group_by: list[str]
    rows: list[UsageRow]
