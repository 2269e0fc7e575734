"""The load generator's own process, so that neither the tests nor the measurements share its interpreter.

`python -m support.load_generator '<json of Plan>' OUTPUT`: one JSON line per answer goes to OUTPUT. SIGTERM
ends it once the answers under way have come.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import signal
import sys
import time
from dataclasses import dataclass
from typing import Any, TextIO

import aiohttp

from support.proxy_client import PATHS, piece, question, said
from support.waiting import within


@dataclass(frozen=True)
class Plan:
    """Each connection asks one of `urls` over and over. Without `rate` at once after the answer (closed
    loop); with it all together ask `rate` times a second, an answer that comes late delaying nobody else.
    Every `stream_every`-th request streams (0: none)."""

    urls: list[str]
    key: str
    model: str = "active"
    kind: str = "chat"
    connections: int = 8
    rate: float | None = None
    stream_every: int = 0
    limit: int | None = None  # requests in all


class Generator:
    def __init__(self, plan: Plan, output: TextIO) -> None:
        self._plan, self._output = plan, output
        self._numbers = itertools.count()
        self._ended = asyncio.Event()
        self._began = 0.0

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        for sign in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(sign, self._ended.set)
        timeout = aiohttp.ClientTimeout(total=60)
        headers = {"Authorization": f"Bearer {self._plan.key}"}
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(connector=connector, headers=headers, timeout=timeout) as session:
            self._began = time.monotonic()
            await asyncio.gather(*(self._connection(session, place) for place in range(self._plan.connections)))

    async def _connection(self, session: aiohttp.ClientSession, place: int) -> None:
        url = self._plan.urls[place % len(self._plan.urls)]
        while not self._ended.is_set():
            number = next(self._numbers)
            if self._plan.limit is not None and number >= self._plan.limit:
                return
            if self._plan.rate and await self._over_before(number / self._plan.rate):
                return
            stream = bool(self._plan.stream_every) and number % self._plan.stream_every == 0
            line = await self._ask(session, url, stream)
            self._output.write(json.dumps(line) + "\n")
            if not line["status"]:  # nobody there: asking a thousand times a second would help nobody
                await self._pause(0.05)

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await within(self._ended.wait(), seconds)

    async def _over_before(self, due: float) -> bool:
        """Wait for this request's turn; True when the end comes first."""
        left = self._began + due - time.monotonic()
        if left <= 0:
            return False
        try:
            await within(self._ended.wait(), left)
        except TimeoutError:
            return False
        return True

    async def _ask(self, session: aiohttp.ClientSession, url: str, stream: bool) -> dict[str, Any]:
        plan = self._plan
        line: dict[str, Any] = {"url": url, "stream": stream, "began": time.time(), "status": 0, "text": ""}
        body = {**question(plan.kind, plan.model, "hello"), **({"stream": True} if stream else {})}
        try:
            async with session.post(url + PATHS[plan.kind], json=body) as reply:
                line["status"] = reply.status
                line["deployment"] = reply.headers.get("x-litellm-model-id")
                if reply.status != 200:
                    line |= {"text": await reply.text(), "complete": False}
                elif stream:
                    line |= await self._read(reply)
                else:
                    line |= {"text": said(plan.kind, await reply.json()), "complete": True}
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            line |= {"text": f"{type(error).__name__}: {error}", "complete": False}
        line["ended"] = time.time()
        return line

    async def _read(self, reply: aiohttp.ClientResponse) -> dict[str, Any]:
        text, complete, first = "", False, None
        async for raw in reply.content:
            if raw.startswith(b"data:"):
                words, over = piece(self._plan.kind, raw.decode().removeprefix("data:").strip())
                text, complete = text + words, complete or over
                first = first or time.time()
        return {"text": text, "complete": complete, "first": first}


def main() -> None:
    plan = Plan(**json.loads(sys.argv[1]))
    with open(sys.argv[2], "w", buffering=1) as output:
        asyncio.run(Generator(plan, output).run())


if __name__ == "__main__":
    main()
