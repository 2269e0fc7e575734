"""The JSON values that the API, the CLI and the page show: made in `views` and beside it, documented in the OpenAPI."""

from __future__ import annotations

from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict  # pydantic takes that of `typing` only from Python 3.12 on


class ProblemAnswer(TypedDict):
    rule: str
    severity: Literal["error", "warning", "info"]
    message: str
    file: str
    line: int
    column: int
    hint: str | None


class FactsAnswer(TypedDict):
    # <made by scripts/fact_tables.py>
    mode: str | None
    context_window: int | None
    max_output_tokens: int | None
    supports_streaming: bool | None
    supports_tools: bool | None
    supports_vision: bool | None
    supports_audio: bool | None
    supports_json: bool | None
    is_reasoning: bool | None
    # </made>


class BlockAnswer(TypedDict):
    """A public name that gets no request, who took it out of traffic and why. Times are UTC seconds."""

    model: str
    actor: str
    since: float
    until: float | None
    reason: str | None


class ModelAnswer(FactsAnswer):
    """`context_window` and `max_output_tokens` count tokens, prices are USD per 1M; null is unknown.

    `available` is false where no request can succeed, `reason` says why; `blocked` where somebody blocked it.
    """

    id: str
    name: str
    provider: str
    public_name: str
    description: str | None
    price: dict[str, float | None]
    tags: list[str]
    lifecycle: dict[str, Any]
    icon: str | None
    color: str | None
    available: bool
    reason: str | None
    blocked: BlockAnswer | None


class ProviderAnswer(TypedDict):
    id: str
    name: str
    description: str | None
    icon: str | None
    color: str | None
    models: list[ModelAnswer]


class ProofFigures(TypedDict):
    """What one of two models that are compared did in the present step. Seconds, USD; null is unknown."""

    calls: int
    failed: dict[str, int]
    p50: float | None
    p95: float | None
    first_token_p50: float | None
    first_token_p95: float | None
    cost_per_call: float | None
    tool_calls: int
    tool_calls_invalid: int
    json_answers: int
    json_answers_invalid: int


class ProofAnswer(TypedDict):
    """A model that takes the route over in steps; `step` counts from 1. Times are UTC seconds, `step_s` seconds.

    `figures` has those of `new` and of `present`, null until the control plane has looked; `waits` says what keeps a
    step going whose time is over.
    """

    new: str
    present: str
    steps: list[float]
    step: int
    share: float
    step_s: float
    began: float
    since: float
    lasts: float | None
    waits: str | None
    figures: dict[str, ProofFigures] | None


class Pointing(TypedDict):
    """Where a route points, and why. Times are UTC seconds.

    `then` is where it points once `until` has passed, `rollback_to` where a roll back leads; null where neither is.
    `guarded` names the target that the route's guard left, where the guard chose. `split` deals requests by percent.
    `proof` is the one that runs.
    `instead_of` is the target that is blocked, where `target` answers for it; where both are the same, nobody answers.
    """

    model_id: str
    provider: str | None
    route: str
    target: str
    default: str
    source: Literal["git", "run-time"]
    until: float | None
    then: str | None
    rollback_to: str | None
    reason: str | None
    actor: str | None
    since: float | None
    forced: bool
    pinned: bool
    diverged: bool
    guarded: str | None
    instead_of: str | None
    split: dict[str, float] | None
    proof: ProofAnswer | None
    warnings: list[ProblemAnswer]
    members: NotRequired[list[str]]


class CurrentAnswer(Pointing):
    model_info: ModelAnswer | None
    version: int


class RouteAnswer(Pointing):
    description: str | None
    also: list[str]
    requires: dict[str, Any]
    choices: Any
    fallbacks: list[str] | None
    guard: dict[str, Any] | None


class HistoryAnswer(TypedDict):
    action: str
    at: float
    time: str
    actor: str
    route: str | None
    before: str | None
    after: str | None
    reason: str | None
    revision: str | None
    until: float | None
    forced: bool
    version: int
    split: dict[str, float] | None
    model: str | None
