"""Many workers on one Redis: how long until a selection is acked by all of them, and what bounds it."""

from __future__ import annotations

import os
import re
import resource
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.book import Book
from bench.measure import Result, Setting, cpu_seconds, percentile, spread
from bench.scene import ROOT, pause
from support.processes import Process
from support.redis_server import RedisServer, started
from support.serve_process import ControlPlane

FLEET = "select -> acked by every worker, simulated workers on one Redis, p99"


def on_redis(setting: Setting) -> Iterator[Result]:
    """Redis with an append-only file, one control plane, and the workers in a process of their own."""
    for count, target, times in ((200, 500.0, setting.count(200, 20)), (2000, None, setting.count(30, 5))):
        _allow_files(4 * count + 500)
        folder = setting.folder / f"fleet-{count}"
        server = started(folder / "redis", "--appendonly", "yes", "--maxclients", str(3 * count + 100))
        control = ControlPlane(folder, Book(folder, 100, "https://upstream.example/v1").catalog, folder / "state",
                               {"MODELCTL_STORE": server.url}).start()  # fmt: skip
        fleet = Played(server, count, folder)
        try:
            took, costs = _selects(control, server, fleet, times)
        finally:
            for each in (fleet, control, server):
                each.stop()
        details = {"ms": spread(took), **{f"{name}_cpu_ms": value for name, value in costs.items()}}
        value, beside = percentile(took, 0.99), _words(costs)
        yield Result(FLEET, f"{count:,} workers", value, "ms", times, target, beside=beside, details=details)


@dataclass
class Played:
    server: RedisServer
    count: int
    folder: Path

    def __post_init__(self) -> None:
        env = {**os.environ, "PYTHONPATH": f"{ROOT / 'tests'}"}
        command = [sys.executable, "-m", "support.fleet_on_redis", self.server.url, str(self.count)]
        self.process = Process("fleet", command, log=self.folder / "fleet.log", env=env)
        self.acked(1)

    def acked(self, version: int) -> float:
        """When the last of them had said that it runs it, by the monotonic clock."""

        def said() -> list[str]:
            return re.findall(rf"^{version} (\S+)\n", self.process.output(), re.MULTILINE)

        return float(self.process.wait_for(said, f"version {version} is acked by all", 60, every=0.002)[0])

    def stop(self) -> None:
        self.process.stop(grace=2)


def _selects(
    control: ControlPlane, server: RedisServer, fleet: Played, times: int
) -> tuple[list[float], dict[str, float]]:
    """Milliseconds, and the CPU milliseconds that one selection costs each process."""
    pids = {"Redis": server.process.pid, "control plane": control.process.pid, "workers": fleet.process.pid}
    before = {name: cpu_seconds(pid) for name, pid in pids.items()}
    took = []
    for number in range(times):
        start = time.monotonic()
        head = control.select(f"m-{number % 2 + 1}").raise_for_status().json()["version"]
        took.append((fleet.acked(head) - start) * 1000)
        pause()
    return took, {name: round((cpu_seconds(pid) - before[name]) * 1000 / times, 1) for name, pid in pids.items()}


def _words(costs: dict[str, float]) -> str:
    return "CPU of a selection: " + ", ".join(f"{name} {value:.0f} ms" for name, value in costs.items())


def _allow_files(count: int) -> None:
    """Each worker has two connections; children inherit the limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, count)), hard))
