"""`/events`: server-sent events `revision`, `selection`, `worker` and `problems`."""

from __future__ import annotations

import json
from asyncio import sleep
from collections.abc import AsyncIterator, Iterator
from typing import Any

from fastapi import APIRouter
from sse_starlette.event import ServerSentEvent
from sse_starlette.sse import EventSourceResponse
from starlette.responses import Response

from modelctl.api.bodies import Held
from modelctl.api.replies import now
from modelctl.errors import StoreDown
from modelctl.service import Service, Snapshot, views

LOOK_EVERY_S = 0.02
router = APIRouter()
Facts = dict[tuple[str, str], Any]


@router.get("/events", summary="What changes, as it changes (server-sent events)", tags=["state"])
async def events(service: Held) -> Response:
    """Begins with one event for each present fact, so that a page needs no second request."""
    return EventSourceResponse(_stream(service), ping=15, headers={"cache-control": "no-store"})


async def _stream(service: Service) -> AsyncIterator[ServerSentEvent]:
    told: Facts = {}
    seen: tuple[object, object] | None = None
    while True:
        try:
            state = await now(service)
        except StoreDown as error:
            state = None
            present = {**told, ("problems", "store"): {"problems": [{"rule": "store-down", "message": error.message}]}}
        mark = (state, service.problems)
        if mark != seen or state is None:
            if state is not None:
                present = dict(_facts(state, service))
            for event in _differences(told, present):
                yield event
            told, seen = present, mark
        await sleep(LOOK_EVERY_S)


def _differences(before: Facts, after: Facts) -> Iterator[ServerSentEvent]:
    for key, data in after.items():
        if before.get(key) != data:
            yield ServerSentEvent(json.dumps(data, ensure_ascii=False), event=key[0])
    for kind, name in before.keys() - after.keys():
        if kind == "worker":
            yield ServerSentEvent(json.dumps({"id": name, "gone": True}), event="worker")


def _facts(state: Snapshot, service: Service) -> Iterator[tuple[tuple[str, str], Any]]:
    """What a listener knows, by kind and name; without what changes by itself (ages)."""
    yield ("revision", ""), {"revision": state.head.revision}
    for route in views.all_routes(state):
        yield ("selection", route["route"]), route
    for one in state.workers:
        said = views.worker(one, state.head, one.at)
        del said["age_s"], said["took_ms"]
        yield ("worker", one.id), said
    yield ("problems", ""), {"problems": [each.to_dict() for each in service.problems]}
