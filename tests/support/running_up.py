"""`modelctl up` on the tests' upstream, whose processes may be killed one by one."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from support.catalog_files import provider_on, write_catalog
from support.models import SETTINGS, key_of, variables
from support.processes import Process, free_port
from support.proxy import BOOT, environment
from support.upstream import Upstream
from support.waiting import wait_until

MODELS = ("alpha", "beta", "gamma")


class RunningUp:
    def __init__(self, folder: Path, upstream: Upstream, *options: str, workers: int = 2) -> None:
        self.folder, self.workers, self.boots, self._options = folder, workers, 0, options
        models = {name: {"api_key": f"os.environ/KEY_{name.upper()}", "mode": "chat"} for name in MODELS}
        provider = provider_on(upstream.base(), models)
        write_catalog(folder, {"p0": provider}, {"active": {"target": "alpha"}}, SETTINGS)
        self.port, self.proxy_port = free_port(), free_port()
        self.proxy = f"http://127.0.0.1:{self.proxy_port}"
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=20, trust_env=False)
        self._env = environment(variables(upstream.url, "http://127.0.0.1:9"))
        self.process: Process

    def start(self) -> RunningUp:
        return self.begin().booted()

    def begin(self) -> RunningUp:
        """Without waiting for anything."""
        self.boots += 1
        command = [sys.executable, "-m", "modelctl", "up", "--port", str(self.port)]
        command += ["--proxy-port", str(self.proxy_port), "--workers", str(self.workers), *self._options]
        log = self.folder / f"up.{self.boots}.log"
        self.process = Process("up", command, log=log, env=self._env, cwd=self.folder)
        return self

    def booted(self) -> RunningUp:
        self.process.wait_for(self.settled, "every worker runs what is published", BOOT * self.workers)
        return self

    def ask(self, path: str) -> Any:
        """The answer's JSON; None where nobody answers."""
        try:
            return self.http.get(path).json()
        except (httpx.TransportError, ValueError):
            return None

    def settled(self) -> bool:
        """Whether as many workers as there should be run the newest revision and selection."""
        status = self.ask("/status")
        rows = status["workers"] if status else []
        return len(rows) == self.workers and self.ready()

    def ready(self) -> bool:
        try:
            return self.http.get("/readyz").status_code == 200
        except httpx.TransportError:
            return False

    def target(self) -> str | None:
        """Where the route points to, as the control plane says."""
        found = self.ask("/models/current")
        return str(found["target"]) if found else None

    def select(self, model: str) -> bool:
        """Whether it was acknowledged."""
        try:
            return self.http.post("/models/select", json={"model_id": model}).status_code == 200
        except httpx.TransportError:
            return False

    # -- its processes -------------------------------------------------------------------------

    def worker_pids(self) -> list[int]:
        status = self.ask("/status")
        return sorted(row["pid"] for row in status["workers"]) if status else []

    def control_pid(self) -> int:
        note = json.loads((self.folder / ".modelctl" / "up.json").read_text())
        children = Path(f"/proc/{note['pid']}/task/{note['pid']}/children").read_text().split()
        return next(int(pid) for pid in children if b"serve" in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0"))

    def kill(self, victim: str, pick: Callable[[list[int]], int]) -> int:
        """`control plane`, `worker` or `supervisor` ends at once, and cleans nothing up."""
        pid = {"control plane": self.control_pid, "supervisor": lambda: self.process.pid}.get(
            victim, lambda: pick(self.worker_pids())
        )()
        os.kill(pid, signal.SIGKILL)
        return pid

    def recover(self, victim: str, pid: int) -> None:
        """What was killed is back; a supervisor is started again by us, once its children have noticed."""
        if victim == "supervisor":
            wait_until(lambda: not self._listens(), "workers and control plane end with their supervisor", 60)
            self.start()
            return
        wait_until(lambda: pid not in self.worker_pids() and self.settled(), "what was killed is back", BOOT)

    def _listens(self) -> bool:
        for client in (self.http, httpx.Client(base_url=self.proxy, trust_env=False, timeout=5)):
            try:
                client.get("/healthz")
                return True
            except httpx.ConnectError:
                continue
            except httpx.TransportError:
                return True
        return False

    def stop(self) -> None:
        self.http.close()
        self.process.stop(grace=15)


def words(model: str) -> str:
    return f"model={model} key={key_of(model)};"
