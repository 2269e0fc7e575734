"""Many open event streams cost what one costs: one timer looks for all of them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from modelctl.api import event_stream
from modelctl.service import SelectRequest, Service
from support.api_server import make_service, report, write_catalog
from support.waiting import run_async, within


class Counted:
    """A service that counts how often somebody looks."""

    def __init__(self, service: Service) -> None:
        self._service, self.looks = service, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._service, name)

    def fresh(self) -> Any:
        self.looks += 1
        return self._service.fresh()


@pytest.fixture
def counted(tmp_path: Path) -> Counted:
    service = make_service(write_catalog(tmp_path))
    service.publish()
    return Counted(service)


async def until(stream: AsyncIterator[Any], kind: str, **wanted: Any) -> None:
    async for event in stream:
        data = json.loads(event.data)
        if event.event == kind and all(data.get(name) == value for name, value in wanted.items()):
            return


def test_at_rest_fifty_listeners_look_as_often_as_one(counted: Counted) -> None:
    async def story() -> None:
        feed = event_stream.Feed(counted)  # type: ignore[arg-type]
        streams = [feed.listen() for _ in range(50)]
        for stream in streams:
            await within(until(stream, "supervisor"), 5)
        before = counted.looks
        waiting = [asyncio.ensure_future(until(stream, "selection", target="slow")) for stream in streams]
        for _ in range(10):
            seen = counted.looks
            while counted.looks == seen:
                await asyncio.sleep(0)
        assert counted.looks - before <= 12  # one at a time, whoever listens
        counted.select(SelectRequest("slow"))
        await within(asyncio.gather(*waiting), 5)  # and each hears of it
        for stream in streams:
            await stream.aclose()  # type: ignore[attr-defined]
        await within(feed._looking, 5)  # type: ignore[arg-type]
        rest = counted.looks
        await asyncio.sleep(3 * event_stream.LOOK_EVERY_S)
        assert counted.looks == rest  # nobody listens: nobody looks

    run_async(story())


def test_who_comes_later_gets_all_facts(counted: Counted) -> None:
    async def story() -> None:
        feed = event_stream.Feed(counted)  # type: ignore[arg-type]
        first = feed.listen()
        await within(until(first, "supervisor"), 5)
        report(counted.store, "w1", error="bad entry")
        await within(until(first, "worker", id="w1"), 5)
        second = feed.listen()
        await within(until(second, "selection", target="fast"), 5)
        await within(until(second, "worker", id="w1"), 5)
        async for event in second:
            if event.event == "problems":
                problems = json.loads(event.data)["problems"]
                assert [one["rule"] for one in problems] == ["worker-refuses"]
                break

    run_async(story())
