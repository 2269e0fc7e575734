"""Many workers that follow a Redis, played by one event loop: what goes over the wire is what real ones send.

A real worker spends its time in LiteLLM. These spend none, so that what is measured is the store and the control plane.
`python -m support.fleet_on_redis URL COUNT` plays them in a process of its own, and prints `VERSION SECONDS` when the
last of them has said that it runs that version (SECONDS: the monotonic clock).
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter
from dataclasses import asdict
from typing import Any

import hiredis

from modelctl.state.selection import Worker
from modelctl.store import redis_scripts
from modelctl.store.redis_address import read_address
from modelctl.store.redis_origin import FEW
from modelctl.store.redis_reports import KEEP_S
from support.waiting import within

HEARTBEAT_S = 2.0
LOOK_S = 0.5


class RespWire:
    """One connection: commands go out together, and their answers come back in order."""

    def __init__(self, host: str, port: int) -> None:
        self._place = host, port
        self._parser = hiredis.Reader(encoding="utf-8")
        self._reader: asyncio.StreamReader
        self._writer: asyncio.StreamWriter

    async def open(self) -> None:
        self._reader, self._writer = await asyncio.open_connection(*self._place)

    async def ask(self, *commands: tuple[object, ...]) -> list[Any]:
        self._writer.write(b"".join(hiredis.pack_command(tuple(map(str, command))) for command in commands))
        return [await self.next() for _ in commands]

    async def next(self) -> Any:
        while (answer := self._parser.gets()) is False:
            self._parser.feed(await self._reader.read(65536))
        assert not isinstance(answer, hiredis.ReplyError), answer
        return answer

    def close(self) -> None:
        self._writer.close()


class PlayedOnRedis:
    def __init__(self, number: int, url: str, tally: Tally) -> None:
        address = read_address(url)
        self._tag, self._number, self._tally = address.tag, number, tally
        self._ears, self._hands = RespWire(*address.hosts[0]), RespWire(*address.hosts[0])
        self._news, self._version = asyncio.Event(), -1

    def _key(self, name: str) -> str:
        return f"{self._tag}:{name}"

    async def run(self) -> None:
        await self._ears.open()
        await self._hands.open()
        await self._ears.ask(("SUBSCRIBE", self._key("moved")))
        await asyncio.gather(self._listen(), self._follow())

    async def _listen(self) -> None:
        while True:
            await self._ears.next()
            self._news.set()

    async def _follow(self) -> None:
        """What a change brings is read in one question; without one it looks now and then."""
        look = ("HMGET", self._key("head"), "id", "version", "revision")
        verdicts, history = ("HGETALL", self._key("verdicts")), ("LRANGE", self._key("history"), 0, FEW - 1)
        spoken = time.monotonic() - HEARTBEAT_S * (self._number % 100) / 100
        asked: tuple[tuple[object, ...], ...] = (look, verdicts, history)
        while True:
            self._news.clear()
            id_, version, revision = (await self._hands.ask(*asked))[0]
            if int(version) != self._version or time.monotonic() - spoken >= HEARTBEAT_S:
                spoken = time.monotonic()
                await self._report(id_, int(version), revision)
            try:
                await within(self._news.wait(), LOOK_S)
                asked = look, verdicts, history
            except TimeoutError:
                asked = (look,)

    async def _report(self, id_: str, version: int, revision: str) -> None:
        name = f"host-{self._number}:1:{self._number:08x}"
        worker = Worker(
            name, 1, f"host-{self._number}", version, revision, {"active": "m"}, started=1.0, litellm="1.106.12",
            took_ms=4.2, store=id_, state="running",
        )  # fmt: skip
        keys = [self._key(each) for each in ("head", "workers", "said", "seen", "verdicts")]
        values = (
            id_,
            name,
            json.dumps(asdict(worker)),
            version,
            revision,
            "",
            1,
            self._key("spoke"),
            int(KEEP_S * 1000),
        )
        await self._hands.ask(("EVAL", redis_scripts.REPORT, len(keys), *keys, *values))
        if version != self._version:
            self._version = version
            self._tally.acked(version)


class Tally:
    def __init__(self, count: int) -> None:
        self._count, self._acked = count, Counter[int]()

    def acked(self, version: int) -> None:
        self._acked[version] += 1
        if self._acked[version] == self._count:
            print(version, time.monotonic(), flush=True)


async def play(url: str, count: int) -> None:
    tally = Tally(count)
    await asyncio.gather(*(PlayedOnRedis(number, url, tally).run() for number in range(count)))


if __name__ == "__main__":
    asyncio.run(play(sys.argv[1], int(sys.argv[2])))
