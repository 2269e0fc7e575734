"""`/store`: for LiteLLM workers on other hosts, which follow this control plane instead of a state folder.

What is published is read here, and reports and usage are written. Secrets are references in all of it.
"""

from __future__ import annotations

import time
from asyncio import to_thread
from dataclasses import replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse, Response

from modelctl import project
from modelctl.api.head_feed import HeadFeed
from modelctl.api.replies import ok
from modelctl.api.report_batch import ReportBatch
from modelctl.api.request_bodies import MOST, MOST_REASON, Held, RequestBody
from modelctl.errors import NotFound
from modelctl.service import Service
from modelctl.state.request_record import RequestRecord
from modelctl.state.selection import Worker
from modelctl.store.http_wire import LONGEST_WAIT_S, MOST_BODIES, MOST_ROWS, row_from_dict
from modelctl.store.usage_store import HOUR, UsageStore, usage_keep

router = APIRouter(prefix="/store", tags=["workers"])
Name = Annotated[str, Field(max_length=MOST)]
Whole = Annotated[int, Field(ge=0, lt=2**63)]
Clock = Annotated[float, Field(ge=0, le=1e11, allow_inf_nan=False)]
"""Epoch seconds."""
Bin = Annotated[int, Field(ge=-4096, le=4096)]
"""Of DDSketch: 1e-35 to 1e35 seconds. What lies between two bins is filled as it is packed, so there is a limit."""
Pairs = Annotated[list[tuple[Bin, Annotated[int, Field(ge=0, lt=2**53)]]], Field(max_length=8192)]
_OURS: dict[str, Any] = {"providers": [], "alerting": None}  # of a manifest: what no worker needs


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


class SentWord(BaseModel):
    """Of another release, maybe: what is not known is ignored."""

    model_config = ConfigDict(extra="ignore")


class WorkerWord(SentWord):
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


class UsageWord(SentWord):
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


class UsageWords(SentWord):
    worker: Name
    prices: Name | None = None
    rows: list[UsageWord] = Field(max_length=MOST_ROWS)


class OriginWord(SentWord):
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


class CallWord(SentWord):
    model: Name
    deployment: Name
    provider: Name
    seconds: float
    failed: Name | None = None
    error: Name | None = None


class RequestWord(SentWord):
    """How a request went; see `GET /requests/{id}`."""

    id: Name
    at: float
    asked: Name
    origin: OriginWord
    outcome: Name
    response: Name | None = None
    seconds: float | None = None
    failed: Name | None = None
    tried: list[CallWord] = Field([], max_length=MOST_BODIES)
    more: int = 0


class RequestWords(SentWord):
    requests: list[RequestWord] = Field(max_length=MOST_ROWS)


class Stored(BaseModel):
    """In which store it is."""

    store: str


class WorkerDesk:
    """What the endpoints share. Made with the application."""

    def __init__(self, service: Service, usage: UsageStore) -> None:
        self.heads = HeadFeed(service)
        self.reports = ReportBatch(service.store)
        self.usage = usage
        self._store = service.store
        self._aged = 0.0

    def write_usage(self, said: UsageWords) -> None:
        self.usage.write(said.worker, [row_from_dict(row.model_dump()) for row in said.rows], said.prices)
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


def _desk(request: Request) -> WorkerDesk:
    desk: WorkerDesk = request.app.state.desk
    return desk


@router.get(
    "/head",
    responses={**ok(StoreHead), 304: {"description": "it is still the one of If-None-Match"}},
    summary="What counts now; with If-None-Match and `wait`, as soon as that is something else",
)
async def read_head(
    request: Request,
    wait: Annotated[float, Query(ge=0, le=LONGEST_WAIT_S, description="seconds")] = 0,
    known: Annotated[str | None, Header(alias="If-None-Match")] = None,
) -> Response:
    reply = await _desk(request).heads.after(known, wait)
    headers = {"cache-control": "no-store"}
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
async def write_report(request: Request, service: Held, body: WorkerWord) -> Response:
    """By our clock: that of the other host may be wrong, and how old a report is decides who is alive."""
    worker, now = Worker.from_dict(body.model_dump()), time.time()
    worker = replace(worker, at=now, started=worker.started + now - worker.at)
    if not request.client or not project.is_loopback(request.client.host):
        worker = replace(worker, namespace=None)  # a process of another host, whose pid says nothing here
    await _desk(request).reports.add(worker)
    return JSONResponse({"store": service.store.id})


@router.delete("/workers/{id:path}", responses=ok(Stored), summary="A worker has ended")
async def remove_report(service: Held, id: Annotated[str, Path(max_length=MOST)]) -> Response:
    await to_thread(service.store.forget, id)
    return JSONResponse({"store": service.store.id})


@router.post("/usage", responses=ok(Stored), summary="What a worker has counted; saying it again changes nothing")
async def write_usage(request: Request, service: Held, body: UsageWords) -> Response:
    await to_thread(_desk(request).write_usage, body)
    return JSONResponse({"store": service.store.id})


@router.post("/requests", responses=ok(Stored), summary="How requests went that a worker served")
async def write_requests(request: Request, service: Held, body: RequestWords) -> Response:
    records = [RequestRecord.from_dict(each.model_dump()) for each in body.requests]
    await to_thread(request.app.state.requests.write, records, time.time())
    return JSONResponse({"store": service.store.id})
