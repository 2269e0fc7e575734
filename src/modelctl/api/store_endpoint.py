"""`/store`: for LiteLLM workers on other hosts, which follow this control plane instead of a state folder.

What is published is read here, and reports and usage are written. Secrets are references in all of it.
"""

from __future__ import annotations

import time
from asyncio import to_thread
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Query, Request
from starlette.responses import JSONResponse, Response

from modelctl import project
from modelctl.api.head_feed import HeadFeed
from modelctl.api.replies import ok
from modelctl.api.report_batch import ReportBatch
from modelctl.api.request_bodies import MOST, Held
from modelctl.api.store_bodies import (
    SentReport,
    SentRequests,
    SentUsage,
    Stored,
    StoredBodies,
    StoredManifest,
    StoreHead,
    WantedBodies,
)
from modelctl.errors import NotFound
from modelctl.service import Service
from modelctl.state.request_record import RequestRecord
from modelctl.state.selection import Worker
from modelctl.store.http_wire import LONGEST_WAIT_S, TIME, row_from_dict
from modelctl.store.usage_store import HOUR, UsageStore, usage_keep

router = APIRouter(prefix="/store", tags=["workers"])
_OURS: dict[str, Any] = {"providers": [], "alerting": None}  # of a manifest: what no worker needs


class StoreFeeds:
    """What the endpoints share: heads go to workers, reports and usage come from them. Made with the application."""

    def __init__(self, service: Service, usage: UsageStore) -> None:
        self.heads = HeadFeed(service)
        self.reports = ReportBatch(service.store)
        self.usage = usage
        self._store = service.store
        self._aged = 0.0

    def write_usage(self, sent: SentUsage) -> None:
        self.usage.write(sent.worker, [row_from_dict(row.model_dump()) for row in sent.rows], sent.prices)
        now = time.time()
        if now - self._aged >= HOUR:
            self._aged = now
            self.usage.age(now, usage_keep(project.environment()))
            self._forget_the_dead(now)

    def _forget_the_dead(self, now: float) -> None:
        """Workers of pods that are long gone: each would be read with every look at the workers."""
        for worker in self._store.workers():
            if now - worker.at >= HOUR:
                self._store.forget(worker.id)


def _feeds(request: Request) -> StoreFeeds:
    feeds: StoreFeeds = request.app.state.store_feeds
    return feeds


@router.get(
    "/head",
    responses={**ok(StoreHead), 304: {"description": "it is still the one of If-None-Match"}},
    summary="What counts now; with If-None-Match and `wait`, as soon as that is something else",
)
async def read_head(
    request: Request,
    service: Held,
    wait: Annotated[float, Query(ge=0, le=LONGEST_WAIT_S, description="seconds")] = 0,
    known: Annotated[str | None, Header(alias="If-None-Match")] = None,
) -> Response:
    reply = await _feeds(request).heads.after(known, wait)
    headers = {"cache-control": "no-store", TIME: f"{service.now():.3f}"}
    if reply is None:
        return Response(status_code=304, headers={**headers, "etag": known or ""})
    return Response(reply.body, 200, {**headers, "etag": reply.tag}, "application/json")


@router.get("/revisions/{revision}", responses=ok(StoredManifest), summary="A published revision, by digest")
async def read_revision(service: Held, revision: Annotated[str, Path(max_length=MOST)]) -> Response:
    if not await to_thread(service.store.holds, revision):
        raise NotFound(f"revision {revision} is not stored", hint="read the head again")
    manifest = await to_thread(service.store.manifest, revision)
    return JSONResponse({"revision": revision, "manifest": {**manifest, **_OURS}})


@router.post("/bodies", responses=ok(StoredBodies), summary="Deployments by digest")
async def read_bodies(request: Request, service: Held, body: WantedBodies) -> Response:
    """All of them are there, or the answer is 503."""

    def made() -> dict[str, Any]:
        found = service.store.deployments(body.deployments)
        return {"deployments": {id_: each.to_dict() for id_, each in found.items()}}

    reply = await request.app.state.cache.body("store-bodies", tuple(body.deployments), made)
    return Response(reply.plain, 200, {"cache-control": "no-store"}, "application/json")


@router.post("/workers", responses=ok(Stored), summary="A worker's report: what it runs, or why not")
async def write_report(request: Request, service: Held, body: SentReport) -> Response:
    """By our clock: that of the other host may be wrong, and how old a report is decides who is alive."""
    worker, now = Worker.from_dict(body.model_dump()), time.time()
    worker = replace(worker, at=now, started=worker.started + now - worker.at)
    if not request.client or not project.is_loopback(request.client.host):
        worker = replace(worker, namespace=None)  # a process of another host, whose pid says nothing here
    await _feeds(request).reports.add(worker)
    return JSONResponse({"store": service.store.id})


@router.delete("/workers/{id:path}", responses=ok(Stored), summary="A worker has ended")
async def remove_report(service: Held, id: Annotated[str, Path(max_length=MOST)]) -> Response:
    await to_thread(service.store.forget, id)
    return JSONResponse({"store": service.store.id})


@router.post("/usage", responses=ok(Stored), summary="What a worker has counted; saying it again changes nothing")
async def write_usage(request: Request, service: Held, body: SentUsage) -> Response:
    await to_thread(_feeds(request).write_usage, body)
    return JSONResponse({"store": service.store.id})


@router.post("/requests", responses=ok(Stored), summary="How requests went that a worker served")
async def write_requests(request: Request, service: Held, body: SentRequests) -> Response:
    records = [RequestRecord.from_dict(each.model_dump()) for each in body.requests]
    await to_thread(request.app.state.requests.write, records, time.time())
    return JSONResponse({"store": service.store.id})
