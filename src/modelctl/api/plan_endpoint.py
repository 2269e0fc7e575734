"""`/desired`, `/plan` and `/apply`: the published state, what the catalog would change, and doing just that."""

from __future__ import annotations

import time
from asyncio import to_thread
from typing import Any

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from modelctl.api.acks import acks
from modelctl.api.replies import answer, if_current, now, written
from modelctl.api.request_bodies import MOST, Held, IfMatch, RequestBody, actor
from modelctl.errors import StoreDown
from modelctl.plan import Traffic
from modelctl.plan.against import to_answer
from modelctl.service.usage_query import usage_answer
from modelctl.service.usage_question import read_question
from modelctl.store.usage_store import UsageStore

router = APIRouter(tags=["plan"])


class ApplyRequest(RequestBody):
    """Publish the step that this digest names. `force` goes over what is protected and over many removals."""

    plan: str = Field(min_length=1, max_length=MOST)
    force: bool = False
    actor: str | None = Field(None, max_length=MOST)


@router.get("/desired", summary="The published desired state, whole; secrets are references")
async def desired(request: Request, service: Held) -> Response:
    state = await now(service)
    return answer(request, await to_thread(to_answer, state.desired), state.head.version)


@router.get("/plan", summary="What the catalog would change if it were published now")
async def plan(request: Request, service: Held) -> Response:
    week = await to_thread(_week, request.app.state.usage)
    made = await to_thread(service.plan, week)
    return answer(request, made.to_dict(), (await now(service)).head.version)


def _week(kept: UsageStore) -> Traffic:
    """Tokens of the last seven days by the name that was asked for; none while they cannot be read."""
    now = time.time()
    try:
        rows = usage_answer(kept, read_question("route", "7d", None, None, now=now), now)["rows"]
    except StoreDown:
        return {}
    return {
        str(row["route"]): {
            "prompt_tokens": row["prompt_tokens"],
            "completion_tokens": row["completion_tokens"],
            "cached_read_tokens": row["cached_read_tokens"],
        }
        for row in rows
    }


@router.post("/apply", summary="Publish exactly the plan that was reviewed")
async def apply(request: Request, service: Held, body: ApplyRequest, if_match: IfMatch = None) -> Response:
    await if_current(service, if_match)
    who = actor(request, body.actor)
    outcome = await to_thread(service.apply, body.plan, actor=who, force=body.force)
    state = await now(service)
    answer: dict[str, Any] = {"result": outcome.verdict, "revision": outcome.revision, "version": state.head.version}
    return written({**answer, "workers": await acks(service, state.head.version)}, state.head.version)
