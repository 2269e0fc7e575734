"""`/events`: server-sent events `revision`, `selection`, `worker`, `blocked`, `problems` and `supervisor`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

from fastapi import APIRouter, Request
from sse_starlette.event import ServerSentEvent
from sse_starlette.sse import EventSourceResponse
from starlette.responses import Response

from modelctl.api.replies import now
from modelctl.errors import StoreDown
from modelctl.service import Service, Snapshot, status_views, views

LOOK_EVERY_S = 0.02
PING_S = 15
router = APIRouter()
Facts = dict[tuple[str, str], Any]


class Feed:
    """The facts that all listeners share. One timer looks for changes, and only while there are listeners."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._facts: Facts | None = None
        self._mark: object = None
        self._news = asyncio.Event()  # set and replaced at every change, which wakes all who wait on it
        self._looking: asyncio.Task[None] | None = None
        self._listeners = 0
        self.ending: Callable[[], bool] = lambda: False  # whether the server shuts down: streams must end first

    async def listen(self) -> AsyncIterator[ServerSentEvent]:
        sent: Facts = {}
        self._listeners += 1
        try:
            while not self.ending():
                self._look_on()
                news = self._news
                if self._facts is not None and self._facts is not sent:
                    before, sent = sent, self._facts
                    for event in _differences(before, sent):
                        yield event
                await news.wait()
        finally:
            self._listeners -= 1

    def _look_on(self) -> None:
        if self._looking is None or self._looking.done():
            self._mark = None
            self._looking = asyncio.create_task(self._look())

    async def _look(self) -> None:
        """Runs until the last listener leaves; wakes the listeners even when it fails."""
        try:
            while self._listeners and not self.ending():
                facts = await self._changed()
                if facts is not None:
                    self._facts = facts
                    self._wake()
                await asyncio.sleep(LOOK_EVERY_S)
        finally:
            self._wake()

    def _wake(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()

    async def _changed(self) -> Facts | None:
        """The facts, if they may have changed since the last look."""
        service = self._service
        try:
            state = await now(service)
        except StoreDown as error:
            mark: object = error.message
            if mark == self._mark:
                return None
            self._mark = mark
            down = {"problems": [{"rule": "store-down", "message": error.message}]}
            return {**(self._facts or {}), ("problems", "store"): down}
        mark = (state, service.problems, service.progress(), service.beside())
        if mark == self._mark:
            return None
        self._mark = mark
        return dict(_facts(state, service))


@router.get("/events", summary="What changes, as it changes (server-sent events)", tags=["state"])
async def events(request: Request) -> Response:
    """Begins with one event for each present fact, so that a page needs no second request."""
    feed: Feed = request.app.state.feed
    return EventSourceResponse(feed.listen(), ping=PING_S, headers={"cache-control": "no-store"})


def _differences(before: Facts, after: Facts) -> Iterator[ServerSentEvent]:
    for key, data in after.items():
        if before.get(key) != data:
            yield ServerSentEvent(json.dumps(data, ensure_ascii=False), event=key[0])
    for kind, name in before.keys() - after.keys():
        if kind == "worker":
            yield ServerSentEvent(json.dumps({"id": name, "gone": True}), event="worker")


def _facts(state: Snapshot, service: Service) -> Iterator[tuple[tuple[str, str], Any]]:
    """The facts by kind and name, without values that change by themselves (ages)."""
    yield ("revision", ""), {"revision": state.head.revision}
    for route in views.all_routes(state):
        yield ("selection", route["route"]), route
    for worker in state.workers:
        answer = status_views.worker_answer(worker, state.head, worker.at)
        yield ("worker", worker.id), {key: value for key, value in answer.items() if key not in ("age_s", "took_ms")}
    yield ("blocked", ""), {"blocked": views.blocks(state)}
    yield ("problems", ""), {"problems": views.problem_answers(service.troubles(state))}
    yield ("supervisor", ""), {"supervisor": service.progress()}
