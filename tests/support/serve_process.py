"""The control plane as people run it: `modelctl serve` in a process of its own, on a catalog of the test's."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from support.processes import Process, free_port
from support.proxy import environment
from support.warm import WarmProcess, run_warm


class ControlPlane:
    """`get`, `post` and so on are those of `http`, an httpx client; `boots` counts the processes."""

    def __init__(
        self, folder: Path, catalog: Path, state: Path, env: Mapping[str, str] | None = None, *options: str
    ) -> None:
        self._folder, self._catalog, self._state = folder, catalog, state
        self._env, self._options = environment(env), options
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.http = httpx.Client(base_url=self.url, timeout=20, trust_env=False, verify=False)
        self.boots = 0
        self.process: Process

    def start(self) -> ControlPlane:
        self.begin().wait_for(self.answers, "it answers", 30)
        return self

    def begin(self) -> Process:
        """Without waiting for anything."""
        self.boots += 1
        command = ["modelctl", "serve", "--port", str(self.port), *self._options]
        command += ["--catalog", str(self._catalog), "--state", str(self._state)]
        self.process = self._program(command, self._folder / f"serve.{self.boots}.log")
        return self.process

    def _program(self, command: list[str], log: Path) -> Process:
        command = [sys.executable, "-m", *command]
        return Process("control plane", command, log=log, env=self._env, cwd=self._folder)

    def answers(self) -> bool:
        try:
            return self.http.get("/healthz", timeout=2).status_code == 200
        except httpx.TransportError:
            return False

    def current(self, route: str = "active") -> dict[str, Any]:
        return dict(self.http.get("/models/current", params={"route": route}).raise_for_status().json())

    def status(self) -> dict[str, Any]:
        return dict(self.http.get("/status").raise_for_status().json())

    def select(self, model: str, **fields: Any) -> httpx.Response:
        return self.http.post("/models/select", json={"model_id": model, **fields})

    def stop(self) -> None:
        self.http.close()
        self.process.stop(grace=5)


class WarmControlPlane(ControlPlane):
    """Started in a tenth of the time: see `warm`."""

    def _program(self, command: list[str], log: Path) -> Process:
        return WarmProcess("control plane", command, log=log, env=self._env, cwd=self._folder)


def modelctl(*arguments: str | Path, cwd: Path, env: Mapping[str, str] | None = None) -> tuple[int, str, str]:
    """Run the command line once: (exit code, stdout, stderr)."""
    return run_warm(["modelctl", *arguments], cwd=cwd, env=environment(env))
