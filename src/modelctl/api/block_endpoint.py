"""`/models/block` and `/models/unblock`: a model that gets no request, and its way back."""

from __future__ import annotations

from asyncio import to_thread

from fastapi import APIRouter, Request
from starlette.responses import Response

from modelctl.api.acks import acks
from modelctl.api.replies import answer, expected, now, ok, written
from modelctl.api.request_bodies import BlockBody, Held, IfMatch, UnblockBody, actor
from modelctl.service import BlockOutcome, BlockRequest, Service, views
from modelctl.service.answer_types import BlockAnswer
from modelctl.service.write_answer_types import Blocked

router = APIRouter(tags=["models"])


@router.get("/models/blocked", responses=ok(list[BlockAnswer]), summary="The models that get no request")
async def models_blocked(request: Request, service: Held) -> Response:
    state = await now(service)
    return answer(request, views.blocks(state), state.head.version)


@router.post("/models/block", responses=ok(Blocked), summary="Take a model out of traffic, on every worker")
async def models_block(request: Request, service: Held, body: BlockBody, if_match: IfMatch = None) -> Response:
    """Routes that point to it go to their fallbacks, chains skip it, and requests for it get a 400 that says why."""
    ask = BlockRequest(
        body.model_id, body.provider, body.reason, body.lasts, body.force, body.dry_run, actor(request, body.actor)
    )
    return await _answered(service, await to_thread(service.block, ask, expected(if_match)), dry_run=body.dry_run)


@router.post("/models/unblock", responses=ok(Blocked), summary="Let a blocked model back into traffic")
async def models_unblock(request: Request, service: Held, body: UnblockBody, if_match: IfMatch = None) -> Response:
    who = actor(request, body.actor)
    return await _answered(
        service, await to_thread(service.unblock, body.model_id, who, body.reason, expected(if_match))
    )


async def _answered(service: Service, changed: BlockOutcome, *, dry_run: bool = False) -> Response:
    step = changed.step
    shown: Blocked = {
        "block": views.block_answer(step.block),
        "version": changed.head.version,
        "routes": [{"route": route, "before": before, "after": after} for route, before, after in step.moved],
        "silent": list(step.silent),
        "workers": [] if dry_run else await acks(service, changed.head.version),
    }
    if dry_run:
        shown["dry_run"] = True
    if not step.entries:
        shown["already"] = True
    return written(shown, changed.head.version)
