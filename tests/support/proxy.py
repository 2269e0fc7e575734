"""A real LiteLLM, in each way that people run it.

`Workers`      our worker module, one process per worker; each on a socket of its own, so that a test
               can ask a certain worker (or `shared=True`: one socket, as `modelctl up` does it)
`PlainProxy`   the `litellm --config` command, with a hook line in the config or without
"""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Mapping
from pathlib import Path

import httpx

from modelctl.store import open_store
from support.lines import modules, program, python
from support.processes import Process, free_port, listen
from support.proxy_client import Client
from support.waiting import wait_until

MASTER_KEY = "sk-tests-4b1f0c7e9d2a4c55b0e6"
BOOT = 240.0  # seconds; 8 to 35 are usual, more on a busy machine
STARTED = "Application startup complete"
_LEFT_OUT = re.compile(r"(?i).*_API_(KEY|BASE|VERSION)|(MODELCTL|LITELLM|OLLAMA|OPENAI|ANTHROPIC|AZURE|GEMINI)_.*")


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's without what would let a test reach a real provider or another state folder."""
    kept = {name: value for name, value in os.environ.items() if not _LEFT_OUT.fullmatch(name)}
    fixed = {
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        "LITELLM_MASTER_KEY": MASTER_KEY,
        "NO_PROXY": "127.0.0.1,localhost",
        **modules(),
        "PYTHONUNBUFFERED": "1",
        "PYTHONFAULTHANDLER": "1",  # as `up` does
    }
    return {**kept, **fixed, **(extra or {})}


class Worker:
    """One LiteLLM process on an inherited listening socket. `boots` counts its processes."""

    def __init__(
        self, number: int, listener: socket.socket, folder: Path, env: Mapping[str, str], *, shared: bool = False
    ) -> None:
        self.interpreter = python()
        self.number, self._listener, self._folder, self.env = number, listener, folder, dict(env)
        self._shared = shared
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self.client = Client(self.url, MASTER_KEY)
        self.boots = 0
        self.process: Process

    @property
    def pid(self) -> int:
        return self.process.pid

    def launch(self, env: Mapping[str, str] | None = None) -> None:
        """Start the process and come back at once."""
        if self.boots:
            assert not self.process.alive, "two processes on one socket: either could take a test's request"
        self.boots += 1
        fd = self._listener.fileno()
        self.process = Process(
            f"worker {self.number}",
            [self.interpreter, "-m", "modelctl.worker", "--fd", str(fd)],
            log=self._folder / f"worker-{self.number}.{self.boots}.log",
            env={**self.env, **(env or {})},
            cwd=self._folder,
            pass_fds=[fd],
        )

    def ready(self) -> None:
        """Until this very process answers. On a shared socket any other might, so there it is the word of its hook."""
        answered = self._reported if self._shared else self.answers
        self.process.wait_for(answered, "it answers", BOOT)

    def answers(self) -> bool:
        try:
            return self.client.http.get("/health/liveliness", timeout=2).status_code == 200
        except httpx.TransportError:
            return False

    def _reported(self) -> bool:
        store = open_store(self.env["MODELCTL_STATE"])
        try:
            return any(row.pid == self.pid for row in store.workers())
        finally:
            store.close()

    def start(self, env: Mapping[str, str] | None = None) -> None:
        self.launch(env)
        self.ready()

    def close(self) -> None:
        self.client.close()
        self.process.stop(grace=6)


class Workers:
    """Store mode: workers that follow the store in `state`."""

    def __init__(
        self,
        folder: Path,
        state: Path,
        config: Path,
        *,
        count: int = 2,
        shared: bool = False,
        env: Mapping[str, str] | None = None,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        ours = {
            "MODELCTL_STATE": str(state),
            "MODELCTL_PARENT": str(os.getpid()),
            "CONFIG_FILE_PATH": str(config),
            "LITELLM_WORKER_STARTUP_HOOKS": "modelctl.hook:startup",
        }
        self._listeners = [listen() for _ in range(1 if shared else count)]
        sockets = self._listeners * count if shared else self._listeners
        self.env = dict(env or {})
        everything = environment({**ours, **self.env})
        self.workers = [Worker(number, sockets[number], folder, everything, shared=shared) for number in range(count)]
        self.url = self.workers[0].url

    @property
    def client(self) -> Client:
        return self.workers[0].client

    @property
    def clients(self) -> list[Client]:
        return [worker.client for worker in self.workers]

    def start(self) -> Workers:
        """One after the other: two boots at once take longer than both in turn, and may time out."""
        for worker in self.workers:
            worker.start()
        return self

    def stop(self) -> None:
        for worker in self.workers:
            worker.close()
        for listener in self._listeners:
            listener.close()


class PlainProxy:
    """`litellm --config FILE`, as people start it today."""

    def __init__(self, folder: Path, config: Path, *, workers: int = 1, env: Mapping[str, str] | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._config, self._workers = folder, config, workers
        self._env = environment({"XDG_STATE_HOME": str(folder / "state"), **(env or {})})
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self.client = Client(self.url, MASTER_KEY)
        self.boots = 0
        self.process: Process

    def launch(self) -> None:
        self.boots += 1
        command: list[str | Path] = [
            program("litellm"),
            "--config",
            self._config,
            "--host",
            "127.0.0.1",
            "--port",
            str(self._port),
        ]
        if self._workers > 1:
            command += ["--num_workers", str(self._workers), "--timeout_worker_healthcheck", "120"]
        log = self._folder / f"litellm.{self.boots}.log"
        self.process = Process("litellm", command, log=log, env=self._env, cwd=self._folder)

    def ready(self) -> None:
        def started() -> bool:
            return self.process.output().count(STARTED) >= self._workers and self.answers()

        self.process.wait_for(started, "every worker has started", BOOT * self._workers)

    def answers(self) -> bool:
        try:
            return self.client.http.get("/health/liveliness").status_code == 200
        except httpx.TransportError:
            return False

    def start(self) -> PlainProxy:
        self.launch()
        self.ready()
        return self

    def restart(self) -> None:
        """What a user does today to make an edit live."""
        self.process.stop()
        wait_until(lambda: not self.answers(), "the old one is gone")
        self.start()

    def output(self) -> str:
        return self.process.output()

    def stop(self) -> None:
        self.client.close()
        self.process.stop(grace=6)
