"""`/requests/{id}`: how a recent request went, and why it went where it went."""

from __future__ import annotations

import time
from asyncio import to_thread
from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from modelctl.api.replies import ReplyBody, ok
from modelctl.api.request_bodies import MOST, Held
from modelctl.service import Service, explained_request
from modelctl.service.request_types import RequestAnswer
from modelctl.store.request_store import RequestStore

router = APIRouter(tags=["usage"])
LOOKED_BACK = 1000  # lines of history in which the revision's publish is looked for


@router.get(
    "/requests/{id:path}",
    responses=ok(RequestAnswer),
    summary="Why a recent request went where it went: revision, selection, split, calls and fallbacks",
)
async def explain(
    request: Request,
    service: Held,
    id: Annotated[
        str, Path(max_length=MOST, description="`x-litellm-call-id` of the answer, or the answer's own `id`")
    ],
) -> Response:
    """A 404 says how long requests are kept. Never content, keys or users."""
    found = await to_thread(_explained, request.app.state.requests, service, id)
    return Response(ReplyBody.of(found).plain, 200, {"cache-control": "no-store"}, "application/json")


def _explained(kept: RequestStore, service: Service, id_: str) -> RequestAnswer:
    record = kept.find(id_)
    if record is None:
        raise explained_request.unknown(id_, kept.oldest(), time.time())
    return explained_request.explained(record, service.history(None, LOOKED_BACK))
