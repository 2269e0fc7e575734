"""What workers on other hosts and this control plane send each other (`store_endpoint`)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from modelctl.api.request_bodies import MOST, MOST_REASON, RequestBody
from modelctl.store.http_wire import MOST_BODIES, MOST_ROWS

Name = Annotated[str, Field(max_length=MOST)]
Whole = Annotated[int, Field(ge=0, lt=2**63)]
Clock = Annotated[float, Field(ge=0, le=1e11, allow_inf_nan=False)]
"""Epoch seconds."""
Bin = Annotated[int, Field(ge=-4096, le=4096)]
"""Of DDSketch: 1e-35 to 1e35 seconds. What lies between two bins is filled as it is packed, so there is a limit."""
Pairs = Annotated[list[tuple[Bin, Annotated[int, Field(ge=0, lt=2**53)]]], Field(max_length=8192)]


class StoreHead(BaseModel):
    """What counts now. `version` grows with each write to the store `store`; `selections` by route, oldest first.

    `asked`: the lines of history that ask workers for something, newest first.
    """

    store: str
    version: int
    revision: str | None
    proven: str | None
    selections: dict[str, list[dict[str, Any]]]
    asked: list[dict[str, Any]]


class StoredManifest(BaseModel):
    """A revision without the bodies of its deployments, which are named by digest."""

    revision: str
    manifest: dict[str, Any]


class WantedBodies(RequestBody):
    deployments: list[Name] = Field(max_length=MOST_BODIES)


class StoredBodies(BaseModel):
    """By digest."""

    deployments: dict[str, dict[str, Any]]


class SentBody(BaseModel):
    """Of another release, maybe: what is not known is ignored."""

    model_config = ConfigDict(extra="ignore")


class SentReport(SentBody):
    """A worker's latest report, with the time at which it says so by its own clock."""

    id: Name
    pid: Annotated[int, Field(gt=0, lt=2**31)]
    host: Name
    at: Clock
    started: Clock = 0.0
    version: Whole = 0
    revision: Name | None = None
    targets: dict[str, str] = {}
    error: str | None = None
    unset: list[str] = []
    restart_needed: list[str] = []
    litellm: Name | None = None
    took_ms: float | None = None
    store: Name | None = None
    namespace: Whole | None = None
    born: Whole | None = None
    state: Name | None = None
    left_out: list[str] = []
    usage: str | None = None
    health: dict[str, Any] | None = None


class SentFigures(SentBody):
    """The figures of one series in the `grain` seconds from `at`: they replace what was said of these before."""

    grain: Literal[60, 3600, 86400]
    at: Annotated[int, Field(ge=0, le=10**11)]
    route: str
    model: str
    deployment: str
    provider: str
    tag: Name = ""
    numbers: dict[Name, Annotated[float, Field(ge=0, le=1e18, allow_inf_nan=False)]]
    request_bins: Pairs
    attempt_bins: Pairs
    first_token_bins: Pairs


class SentUsage(SentBody):
    worker: Name
    prices: Name | None = None
    rows: list[SentFigures] = Field(max_length=MOST_ROWS)


class SentOrigin(SentBody):
    worker: Name
    revision: Name | None = None
    route: Name | None = None
    target: Name | None = None
    source: Name | None = None
    actor: Name | None = None
    reason: str | None = Field(None, max_length=MOST_REASON)
    since: float | None = None
    left: Name | None = None
    dealt: bool = False


class SentCall(SentBody):
    model: Name
    deployment: Name
    provider: Name
    seconds: float
    failed: Name | None = None
    error: Name | None = None


class SentRequest(SentBody):
    """How a request went; see `GET /requests/{id}`."""

    id: Name
    at: float
    asked: Name
    origin: SentOrigin
    outcome: Name
    response: Name | None = None
    seconds: float | None = None
    failed: Name | None = None
    tried: list[SentCall] = Field([], max_length=MOST_BODIES)
    more: int = 0


class SentRequests(SentBody):
    requests: list[SentRequest] = Field(max_length=MOST_ROWS)


class Stored(BaseModel):
    """In which store it is."""

    store: str
