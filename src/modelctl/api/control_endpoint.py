"""Routes, history, status and health."""

from __future__ import annotations

from asyncio import to_thread
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import JSONResponse, Response

from modelctl.api.replies import answer, now, ok
from modelctl.api.request_bodies import MOST, Held
from modelctl.errors import Problem, StoreDown
from modelctl.service import Service, status_views, views
from modelctl.service.answer_types import HistoryAnswer, RouteAnswer
from modelctl.service.status_answer_types import LackingWorker, Ready, StatusAnswer

router = APIRouter()


@router.get("/routes", responses=ok(list[RouteAnswer]), summary="Every route and where it points", tags=["routes"])
async def routes(request: Request, service: Held) -> Response:
    state = await now(service)
    return answer(request, views.all_routes(state, service.proofs), state.head.version)


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
    return answer(request, [views.history_answer(entry) for entry in entries], state.head.version)


@router.get(
    "/status", responses=ok(StatusAnswer), summary="What is published, where it runs, and what is wrong", tags=["state"]
)
async def status(request: Request, service: Held) -> Response:
    """Answers also while the store is down: then from the last snapshot."""
    down: list[Problem] = []
    try:
        state = await now(service)
    except StoreDown as error:
        last = service.last
        if last is None:
            raise
        state, down = last, [Problem("store-down", error.message)]
    problems = (*down, *service.troubles(state))
    current = await to_thread(service.render_current)
    status = status_views.status(
        state, problems, current, service.progress(), budgets=service.budgets, proofs=service.proofs,
        agreement=service.agreement(state), source=service.origin.source(), guards=service.guards,
        alerts=service.alerts,
    )  # fmt: skip
    return answer(request, status, state.head.version)


@router.get("/healthz", responses=ok(dict[str, str]), summary="Whether this process answers", tags=["state"])
async def healthz() -> Response:
    return JSONResponse({"status": "ok"})


@router.get(
    "/readyz", responses=ok(Ready, s503=Ready), summary="Whether every worker runs the current revision", tags=["state"]
)
async def readyz(service: Held) -> Response:
    verdict = await readiness(service)
    return JSONResponse(verdict, 200 if verdict["ready"] else 503)


async def readiness(service: Service) -> Ready:
    """Ready when there is a revision that is not too old, a worker runs, and no worker is behind (`lacking`)."""
    state, stale = await now(service), service.origin.stale()
    lacking: list[LackingWorker] = [
        {"id": worker.id, "revision": worker.revision, "error": worker.error} for worker in state.lacking
    ]
    return {
        "ready": bool(state.head.revision and state.workers and not lacking and not stale),
        "revision": state.head.revision,
        "workers": len(state.workers),
        "lacking": lacking,
        "stale": stale,
    }
