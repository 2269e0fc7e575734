"""Routes, history, status and health."""

from __future__ import annotations

from asyncio import to_thread
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import JSONResponse, Response

from modelctl.api.answer_shapes import HistoryAnswer, Ready, RouteAnswer, StatusAnswer, ok
from modelctl.api.replies import answer, now
from modelctl.api.request_bodies import MOST, Held
from modelctl.errors import Problem, StoreDown
from modelctl.service import Service, views

router = APIRouter()


@router.get("/routes", responses=ok(list[RouteAnswer]), summary="Every route and where it points", tags=["routes"])
async def routes(request: Request, service: Held) -> Response:
    state = await now(service)
    return answer(request, views.all_routes(state), state.head.version)


@router.get(
    "/history",
    responses=ok(list[HistoryAnswer]),
    summary="Who changed what, when and why; newest first",
    tags=["routes"],
)
async def history(
    request: Request,
    service: Held,
    route: Annotated[str, Query(max_length=MOST)] = "active",
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Response:
    """`route=*` gives every route, and what was published."""
    state = await now(service)
    known = state.index.routes.get(route) if state.index else None
    entries = await to_thread(service.history, None if route == "*" else known.name if known else route, limit)
    if not entries and not known and route != "*":
        state.need().route(route)  # nothing happened on it, and there is no such route
    return answer(request, [views.entry(each) for each in entries], state.head.version)


@router.get(
    "/status", responses=ok(StatusAnswer), summary="What is published, where it runs, and what is wrong", tags=["state"]
)
async def status(request: Request, service: Held) -> Response:
    """Answers also while the store is down: then with what was known last."""
    down: list[Problem] = []
    try:
        state = await now(service)
    except StoreDown as error:
        kept = service.last
        if kept is None:
            raise
        state, down = kept, [Problem("store-down", error.message)]
    problems = [each.to_dict() for each in (*down, *service.troubles(state))]
    current = await to_thread(service.render_current)
    found = views.status(state, problems, current, service.progress(), service.budgets)
    return answer(request, found, state.head.version)


@router.get("/healthz", responses=ok(dict[str, str]), summary="Whether this process answers", tags=["state"])
async def healthz() -> Response:
    return JSONResponse({"status": "ok"})


@router.get(
    "/readyz", responses=ok(Ready, s503=Ready), summary="Whether every worker runs the current revision", tags=["state"]
)
async def readyz(service: Held) -> Response:
    verdict = await readiness(service)
    return JSONResponse(verdict, 200 if verdict["ready"] else 503)


async def readiness(service: Service) -> dict[str, Any]:
    """`ready`, and what lacks: no revision, no worker, or the workers that are behind."""
    state = await now(service)
    lacking = [{"id": one.id, "revision": one.revision, "error": one.error} for one in state.lacking]
    return {
        "ready": bool(state.head.revision and state.workers and not lacking),
        "revision": state.head.revision,
        "workers": len(state.workers),
        "lacking": lacking,
    }
