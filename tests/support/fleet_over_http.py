"""Many workers that follow a control plane over HTTP, played by one event loop: the wire is that of real ones.

A real worker spends its time in LiteLLM. These spend none, so that what is measured is the control plane.
"""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import Any

from modelctl.state.selection import Worker
from modelctl.store.http_wire import HEAD, WORKERS
from support.waiting import wait_until, within

HEARTBEAT_S = 2.0
WAIT_S = 20


class Wire:
    """One connection that is kept open: a request, its answer, and so on."""

    def __init__(self, host: str, port: int, token: str | None = None) -> None:
        self._host, self._port = host, port
        self._more = f"Authorization: Bearer {token}\r\n" if token else ""
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, method: str, path: str, body: bytes = b"", more: str = "") -> tuple[int, dict[str, str], bytes]:
        """Once more where the server has closed the connection, which was idle for too long."""
        try:
            return await self._once(method, path, body, more)
        except (asyncio.IncompleteReadError, ConnectionError):
            self._streams = None
            return await self._once(method, path, body, more)

    async def _once(self, method: str, path: str, body: bytes, more: str) -> tuple[int, dict[str, str], bytes]:
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._host, self._port)
        reader, writer = self._streams
        kind = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if body else ""
        lines = f"{method} {path} HTTP/1.1\r\nHost: {self._host}:{self._port}\r\n{self._more}{kind}{more}\r\n"
        writer.write(lines.encode() + body)
        head, *rest = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in rest if line)}
        said = await reader.readexactly(int(headers.get("content-length") or 0))
        return int(head.split()[1]), headers, said

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()


@dataclass
class PlayedWorker:
    number: int
    polls: Wire
    reports: Wire
    acked: dict[int, float] = field(default_factory=dict)  # version -> when its ack was stored, monotonic seconds
    head: dict[str, Any] = field(default_factory=dict)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def follow(self) -> None:
        tag = None
        while True:
            more = f"If-None-Match: {tag}\r\n" if tag else ""
            status, headers, said = await self.polls.ask("GET", f"{HEAD}?wait={WAIT_S if tag else 0}", more=more)
            assert status in (200, 304), said
            if status == 200:
                tag, self.head = headers["etag"], json.loads(said)
                self.news.set()

    async def speak(self) -> None:
        """What is new at once, and a sign of life every so often, not all at the same moment."""
        await self.news.wait()
        pause = HEARTBEAT_S * (1 + self.number % 100 / 100)
        while True:
            self.news.clear()
            await self.report()
            with suppress(TimeoutError):
                await within(self.news.wait(), pause)
            pause = HEARTBEAT_S

    async def report(self) -> None:
        version, revision, store = (self.head[name] for name in ("version", "revision", "store"))
        worker = Worker(
            f"host-{self.number}:1:{self.number:08x}", 1, f"host-{self.number}", version, revision,
            at=time.time(), started=time.time(), litellm="1.106.12", took_ms=4.2, store=store, state="running",
        )  # fmt: skip
        status, _, said = await self.reports.ask("POST", WORKERS, json.dumps(asdict(worker)).encode())
        assert status == 200, said
        self.acked.setdefault(version, time.monotonic())


class PlayedFleet:
    """`with PlayedFleet(url, 200) as fleet`: in a thread of its own."""

    def __init__(self, url: str, count: int, token: str | None = None) -> None:
        host, _, port = url.removeprefix("http://").partition(":")
        wires = [Wire(host, int(port), token) for _ in range(2 * count)]
        self.workers = [PlayedWorker(number, *wires[2 * number : 2 * number + 2]) for number in range(count)]
        self._loop = asyncio.new_event_loop()
        self._failed: list[BaseException] = []

    def __enter__(self) -> PlayedFleet:
        from threading import Thread

        self._thread = Thread(target=self._loop.run_until_complete, args=(self._run(),), daemon=True)
        self._thread.start()
        wait_until(lambda: self._failed or all(each.acked for each in self.workers), "each has said where it is", 120)
        assert not self._failed, self._failed[0]
        return self

    def __exit__(self, *raised: object) -> None:
        self._loop.call_soon_threadsafe(self._tasks.cancel)
        self._thread.join(10)

    def acked(self, version: int, timeout: float = 60) -> float:
        """When the last of them had acked, monotonic seconds."""
        wait_until(
            lambda: self._failed or all(version in each.acked for each in self.workers),
            f"{version} everywhere",
            timeout,
        )
        assert not self._failed, self._failed[0]
        return max(each.acked[version] for each in self.workers)

    async def _run(self) -> None:
        works = [work for each in self.workers for work in (each.follow(), each.speak())]
        self._tasks = asyncio.gather(*works)
        with suppress(asyncio.CancelledError):
            try:
                await self._tasks
            except Exception as error:
                self._failed.append(error)
        for each in self.workers:
            each.polls.close()
            each.reports.close()


def raise_limit(count: int) -> None:
    """Open files for so many connections."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 4 * count + 500)), hard))
