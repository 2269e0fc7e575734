"""The control plane itself: how fast it answers, how much memory it takes."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Iterator
from statistics import median

import httpx

from bench.book import Book
from bench.measure import Result, Setting, memory_mb, spread
from bench.scene import ROOT, pause
from support.processes import Process, listen
from support.proxy import environment
from support.serve_process import ControlPlane
from support.waiting import wait_until

LIST = "`GET /models/list`, 1,000 models, against a hello-world route of the same server, requests/s"
MEMORY = "memory of `modelctl serve`, 1,000 models"
CONNECTIONS = 8


def models_list(setting: Setting) -> Iterator[Result]:
    folder = setting.folder / "list"
    book = Book(folder, 1000, "https://upstream.example/v1")
    with listen() as listener:
        port, fd = listener.getsockname()[1], listener.fileno()
        command = [sys.executable, "-m", "bench.hello", str(fd), str(book.catalog), str(folder / "state")]
        env = {**environment(), "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"}
        server = Process("hello", command, log=folder / "hello.log", env=env, pass_fds=[fd])
    try:
        server.wait_for(lambda: _answers(port), "it answers", 30)
        requests = setting.count(3000, 500)
        pairs = [(_rate(port, "/models/list", requests), _rate(port, "/hello", requests)) for _ in range(6)][1:]
    finally:
        server.stop()
    ratios = [listed / hello for listed, hello in pairs]
    details = {"list_per_s": spread([each[0] for each in pairs]), "hello_per_s": spread([each[1] for each in pairs])}
    yield Result(
        LIST, "", median(ratios), "x", len(pairs) * requests, 0.5, "at least", beside="cached bytes", details=details
    )


def memory(setting: Setting) -> Iterator[Result]:
    """After the first publish, a hundred edits and a few hundred reads: what a busy day leaves."""
    folder = setting.folder / "memory"
    book = Book(folder, 1000, "https://upstream.example/v1")
    control = ControlPlane(folder, book.catalog, folder / "state").start()
    try:
        fresh = memory_mb(control.process.pid)
        for number in range(setting.count(100, 10)):
            revision = control.status()["revision"]
            book.edit(number)
            wait_until(lambda revision=revision: control.status()["revision"] != revision, "it is published", 30)
            control.http.get("/models/list").raise_for_status()
            pause()
        used = memory_mb(control.process.pid)
        details = {"fresh_mb": round(fresh, 1), "peak_mb": round(memory_mb(control.process.pid, "VmHWM"), 1)}
    finally:
        control.stop()
    beside = f"fresh: {fresh:.0f}; after {setting.count(100, 10)} edits and reads"
    yield Result(MEMORY, "", used, "MB", 1, 120.0, beside=beside, details=details)


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/hello", trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


def _rate(port: int, path: str, requests: int) -> float:
    """Requests per second over 8 connections that stay open."""
    began = time.perf_counter()
    asyncio.run(_ask_all(port, path, requests))
    return requests / (time.perf_counter() - began)


async def _ask_all(port: int, path: str, requests: int) -> None:
    await asyncio.gather(*(_ask(port, path, requests // CONNECTIONS) for _ in range(CONNECTIONS)))


async def _ask(port: int, path: str, requests: int) -> None:
    """A client of a few lines, so that the server is what is measured."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**22)
    question = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()
    for _ in range(requests):
        writer.write(question)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        assert head.startswith(b"http/1.1 200"), head
        length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
        await reader.readexactly(length)
    writer.close()
