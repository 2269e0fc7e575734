"""`/health`: which deployments LiteLLM avoids after failures, why and until when; and the way to end that."""

from __future__ import annotations

import time
from asyncio import to_thread

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from modelctl.api.acks import acks
from modelctl.api.replies import answer, now, ok, written
from modelctl.api.request_bodies import MOST, MOST_REASON, Held, RequestBody, actor
from modelctl.service import model_health
from modelctl.service.health_types import Cleared, HealthAnswer
from modelctl.service.selecting import check_text

router = APIRouter(tags=["state"])
PATIENCE_S = 3.0


class ClearBody(RequestBody):
    """End the cooldowns of a model's deployments on every worker."""

    model: str = Field(max_length=MOST, description="a public name, or a route: then its target is meant")
    reason: str | None = Field(None, max_length=MOST_REASON)
    actor: str | None = Field(None, max_length=MOST)


@router.get(
    "/health", responses=ok(HealthAnswer), summary="Which deployments LiteLLM avoids, and what is left of rate limits"
)
async def read_health(request: Request, service: Held) -> Response:
    """As the workers said last: within half a second of a change."""
    state = await now(service)
    return answer(request, model_health.health(state, time.time()), state.head.version)


@router.post("/health/clear", responses=ok(Cleared), summary="Let LiteLLM send requests to a model again, everywhere")
async def clear(request: Request, body: ClearBody, service: Held) -> Response:
    """It stands in the history. Where the provider still fails, LiteLLM avoids the model again."""
    who = actor(request, body.actor)
    for field, text, most in (("model", body.model, MOST), ("actor", who, MOST), ("reason", body.reason, MOST_REASON)):
        check_text(field, text, most)
    entry = model_health.request(await now(service), body.model, who, body.reason)
    head = await to_thread(service.note, entry)
    await acks(service, head.version, patience=PATIENCE_S)
    workers = model_health.cleared(await to_thread(service.workers), head.version, PATIENCE_S)
    found: Cleared = {"model": entry.after or body.model, "version": head.version, "workers": workers}
    return written(found, head.version)
