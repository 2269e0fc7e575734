"""Request bodies. Strict: an unknown field or a wrong type is a 400 that names it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Header, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from modelctl.service import Service
from modelctl.state.proving import STEPS

MOST = 300  # characters of a name
MOST_REASON = 500


class RequestBody(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, populate_by_name=True)


class SelectBody(RequestBody):
    """Point a route at a model. `for` is in seconds; without it the choice has no time limit."""

    model_id: str = Field(max_length=MOST, description="a key of the provider, a public name, or a unique key")
    provider: str | None = Field(None, max_length=MOST)
    route: str = Field("active", max_length=MOST)
    reason: str | None = Field(None, max_length=MOST_REASON)
    lasts: float | None = Field(None, alias="for", description="seconds")
    force: bool = False
    pin: bool = False
    dry_run: bool = False
    actor: str | None = Field(None, max_length=MOST)
    share: float | None = Field(None, description="percent: only so many of the route's sessions, the rest stays")
    prove: float | None = Field(None, description="seconds: in steps, as long as the model does no worse")
    steps: list[float] = Field([*STEPS], max_length=20, description="percent: the shares of `prove`, rising")


class BlockBody(RequestBody):
    """Take a model out of traffic. `force` also where a route is left without an answer."""

    model_id: str = Field(max_length=MOST, description="a key of the provider, a public name, or a unique key")
    provider: str | None = Field(None, max_length=MOST)
    reason: str | None = Field(None, max_length=MOST_REASON)
    lasts: float | None = Field(None, alias="for", description="seconds; without it until it is unblocked")
    force: bool = False
    dry_run: bool = False
    actor: str | None = Field(None, max_length=MOST)


class UnblockBody(RequestBody):
    """Let a blocked model back into traffic."""

    model_id: str = Field(max_length=MOST)
    reason: str | None = Field(None, max_length=MOST_REASON)
    actor: str | None = Field(None, max_length=MOST)


class RollbackBody(RequestBody):
    """Take back the last selection that is in effect on a route."""

    route: str = Field("active", max_length=MOST)
    reason: str | None = Field(None, max_length=MOST_REASON)
    actor: str | None = Field(None, max_length=MOST)


class RefreshBody(RequestBody):
    """Read the catalog again now. `force` publishes also what the removal guard holds back."""

    force: bool = False
    actor: str | None = Field(None, max_length=MOST)


class Error(BaseModel):
    code: str
    message: str
    hint: str | None = None
    problems: list[dict[str, Any]]


class Envelope(BaseModel):
    """Every answer that is not a 2xx or 3xx."""

    src: str = "modelctl"
    error: Error


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


def actor(request: Request, given: str | None) -> str:
    """A token's name, else what the caller says, else where the call came from."""
    return getattr(request.state, "actor", None) or given or "api"


Held = Annotated[Service, Depends(_service)]
IfMatch = Annotated[str | None, Header(alias="If-Match")]
RouteName = Annotated[str, Query(alias="route", max_length=MOST)]
