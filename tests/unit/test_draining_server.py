"""A server that hands its connections over: real processes on one socket, clients that keep their connections."""

from __future__ import annotations

import signal
import socket
import sys
import threading
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest

from support.processes import Process, listen
from support.waiting import wait_until

SERVE = """
import asyncio, os, signal, socket, sys
import uvicorn
from modelctl.worker.draining_server import DrainingServer

async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        while (await receive())["type"] != "lifespan.shutdown":
            await send({"type": "lifespan.startup.complete"})
        return await send({"type": "lifespan.shutdown.complete"})
    await send({"type": "http.response.start", "status": 200, "headers": [(b"x-pid", str(os.getpid()).encode())]})
    if scope["path"] == "/stream":
        await send({"type": "http.response.body", "body": b"first,", "more_body": True})
        while not os.path.exists(sys.argv[2]):
            await asyncio.sleep(0.02)
    await send({"type": "http.response.body", "body": b"last"})

server = DrainingServer(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1, timeout_keep_alive=1))
signal.signal(signal.SIGUSR1, lambda *_: server.drain())
server.run(sockets=[socket.socket(fileno=int(sys.argv[1]))])
"""


class Pair:
    """Two servers on one socket."""

    def __init__(self, folder: Path, listener: socket.socket) -> None:
        self.folder, self.listener, self.go_on = folder, listener, folder / "go-on"
        self.port: int = listener.getsockname()[1]
        self.processes = [self.start(number) for number in range(2)]
        for process in self.processes:
            wait_until(lambda process=process: self.pid() == process.pid, "both answer", 20)

    def start(self, number: int) -> Process:
        fd = self.listener.fileno()
        command = [sys.executable, "-c", SERVE, str(fd), str(self.go_on)]
        return Process(f"server {number}", command, log=self.folder / f"server-{number}.log", pass_fds=(fd,))

    def connect(self) -> HTTPConnection:
        return HTTPConnection("127.0.0.1", self.port, timeout=20)

    def pid(self, connection: HTTPConnection | None = None) -> int:
        client = connection or self.connect()
        client.request("GET", "/")
        answer = client.getresponse()
        answer.read()
        if connection is None:
            client.close()
        return int(answer.headers["x-pid"])


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    with listen() as listener:
        listener.listen(128)
        made = Pair(tmp_path, listener)
        yield made
        made.go_on.touch()
        for process in made.processes:
            process.stop()


def test_clients_that_keep_asking_go_over_to_the_other(pair: Pair) -> None:
    old, new = pair.processes
    ended = threading.Event()
    failed: list[Exception] = []
    asked: list[int] = []

    def ask() -> None:
        client = pair.connect()  # it connects again where an answer said that its connection closes
        while not ended.is_set():
            try:
                asked.append(pair.pid(client))
            except Exception as error:
                failed.append(error)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    wait_until(lambda: old.pid in asked and new.pid in asked, "both are asked", 20)
    old.send(signal.SIGUSR1)
    assert old.wait(20) == 0
    before = len(asked)
    wait_until(lambda: len(asked) > before + 100, "the other answers", 20)
    ended.set()
    for thread in threads:
        thread.join()
    assert failed == []
    assert set(asked[before + 8 :]) == {new.pid}


def test_a_stream_ends_whole_and_the_next_answer_closes_its_connection(pair: Pair) -> None:
    old = pair.processes[0]
    client = pair.connect()
    while pair.pid(client) != old.pid:
        client.close()
        client = pair.connect()
    client.request("GET", "/stream")
    answer = client.getresponse()
    assert answer.read(6) == b"first,"
    old.send(signal.SIGUSR1)
    wait_until(lambda: {pair.pid() for _ in range(20)} == {pair.processes[1].pid}, "new ones go to the other", 20)
    assert old.alive
    pair.go_on.touch()
    assert answer.read() == b"last"
    assert old.wait(20) == 0
