"""What `/health` answers: made in `model_health`, documented in the OpenAPI."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict


class CooldownAnswer(TypedDict):
    """LiteLLM sends nothing to the deployment from `since` to `until` (UTC seconds), in that worker.

    `why` is a class as in `/usage`; `error` is the name of LiteLLM's exception, `status` the provider's HTTP status.
    """

    model: Annotated[str, Field(description="the public name")]
    provider: str | None
    deployment: str
    worker: str
    why: str
    error: str | None
    status: int | None
    since: float
    until: float
    left_s: float


class LimitAnswer(TypedDict):
    """What the provider said at `at` (UTC seconds) is left of its limits; null where it did not say."""

    model: str
    provider: str | None
    deployment: str
    worker: str
    at: float
    requests: int | None
    requests_limit: int | None
    tokens: int | None
    tokens_limit: int | None


class HealthAnswer(TypedDict):
    """`untold` are workers whose LiteLLM does not say what it avoids; `more` cooldowns were left out."""

    workers: int
    cooldowns: list[CooldownAnswer]
    more: int
    limits: list[LimitAnswer]
    untold: list[str]


class ClearedWorker(TypedDict):
    """`deployments`: how many were avoided until then; null where the worker has not answered, `error` says why."""

    id: str
    deployments: int | None
    error: str | None


class Cleared(TypedDict):
    model: str
    version: int
    workers: list[ClearedWorker]
