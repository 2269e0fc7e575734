"""What `/requests/{id}` answers: made in `explained_request`, documented in the OpenAPI."""

from __future__ import annotations

from typing import Literal

from typing_extensions import TypedDict


class TriedAnswer(TypedDict):
    """A call of a provider. `failed` is a class as in `/usage`, `error` the name of LiteLLM's exception."""

    model: str
    deployment: str
    provider: str
    seconds: float
    failed: str | None
    error: str | None


class PublishedAnswer(TypedDict):
    at: str
    actor: str
    reason: str | None


class RequestAnswer(TypedDict):
    """How a request went. `id` is LiteLLM's (`x-litellm-call-id`), `response` the answer's own.

    `target` is where `route` pointed, or the arm of a split (`dealt`). `source` says whose choice that was: where
    somebody chose, `actor` did at `since` for `reason`; `left` is what a guard left, or what is blocked.
    `more` calls were made beyond `tried`. `says` has all of it in sentences.
    """

    id: str
    response: str | None
    at: str
    asked: str
    model: str | None
    outcome: Literal["answered", "cached", "closed", "failed"]
    failed: str | None
    seconds: float | None
    worker: str
    revision: str | None
    published: PublishedAnswer | None
    route: str | None
    target: str | None
    source: Literal["git", "run-time", "guard", "budget", "block"] | None
    actor: str | None
    reason: str | None
    since: str | None
    left: str | None
    dealt: bool
    tried: list[TriedAnswer]
    more: int
    says: list[str]
