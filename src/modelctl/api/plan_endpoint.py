"""`/desired`, `/plan` and `/apply`: the published state, what the catalog would change, and doing just that."""

from __future__ import annotations

from asyncio import to_thread
from typing import Any

from fastapi import APIRouter, Request
from pydantic import Field
from starlette.responses import Response

from modelctl.api.acks import acks
from modelctl.api.replies import answer, if_current, now, written
from modelctl.api.request_bodies import MOST, Held, IfMatch, RequestBody, actor
from modelctl.plan.against import to_answer

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
    made = await to_thread(service.plan)
    return answer(request, made.to_dict(), (await now(service)).head.version)


@router.post("/apply", summary="Publish exactly the plan that was reviewed")
async def apply(request: Request, service: Held, body: ApplyRequest, if_match: IfMatch = None) -> Response:
    await if_current(service, if_match)
    who = actor(request, body.actor)
    outcome = await to_thread(service.apply, body.plan, actor=who, force=body.force)
    state = await now(service)
    said: dict[str, Any] = {"result": outcome.verdict, "revision": outcome.revision, "version": state.head.version}
    return written({**said, "workers": await acks(service, state.head.version)}, state.head.version)
