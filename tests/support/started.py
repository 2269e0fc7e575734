"""LiteLLM as operators start it: one command that keeps several workers, which all follow one store."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx
import yaml

from modelctl.service.snapshot import living
from modelctl.state.router_config import resolve_routes
from modelctl.state.selection import HistoryEntry, Selection
from modelctl.state.selection import Worker as Row
from modelctl.store import open_store
from support.lines import program
from support.models import base_world, key_of, variables
from support.processes import Process, free_port
from support.proxy import BOOT, MASTER_KEY, environment
from support.proxy_client import Client
from support.upstream import Upstream


@dataclass(frozen=True)
class Way:
    """One way to start LiteLLM. `replaces`: a worker that dies is started again by it, else the whole ends with it."""

    options: tuple[str, ...]
    workers: int = 2
    replaces: bool = True
    before: tuple[str, ...] = ()  # a program that starts LiteLLM


RECYCLE = "--max_requests_before_restart"
_PATIENT = ("--timeout_worker_healthcheck", "120")  # a busy machine is no dead worker
WAYS: Mapping[str, Way] = {
    "one": Way((), workers=1, replaces=False),
    "uvicorn": Way(("--num_workers", "2", *_PATIENT)),
    "gunicorn": Way(("--run_gunicorn", "--num_workers", "2")),
    "granian": Way(("--run_granian", "--num_workers", "2"), replaces=False),
    "uvicorn-recycled": Way(("--num_workers", "2", *_PATIENT, RECYCLE, "10")),
    "gunicorn-recycled": Way(("--run_gunicorn", "--num_workers", "2", RECYCLE, "10")),
}


class Started:
    def __init__(self, folder: Path, upstream: Upstream, way: Way, env: Mapping[str, str] | None = None) -> None:
        self.folder, self.way, self.state = folder, way, folder / "state"
        self.store, self.desired = open_store(str(self.state)), base_world()
        self.store.commit(0, desired=self.desired)
        config = folder / "config.yaml"
        config.write_text(yaml.safe_dump(resolve_routes(self.desired, {}).config()))
        port = free_port()
        ours = {"MODELCTL_STATE": str(self.state), "LITELLM_WORKER_STARTUP_HOOKS": "modelctl.hook:startup"}
        everything = environment({**variables(upstream.url, "http://127.0.0.1:9"), **ours, **(env or {})})
        command = [
            *way.before, str(program("litellm")), "--config", str(config), "--host", "127.0.0.1", "--port", str(port),
            *way.options,
        ]  # fmt: skip
        self.client = Client(f"http://127.0.0.1:{port}", MASTER_KEY)
        self.process = Process("litellm", command, log=folder / "litellm.log", env=everything, cwd=folder)

    def ready(self) -> list[Row]:
        """Once each worker has said that it runs what is published, and requests are answered."""
        return self.process.wait_for(self.settled, "every worker follows", BOOT * self.way.workers)

    def rows(self) -> list[Row]:
        """The workers that the control plane would count as alive."""
        return list(living(self.store.workers(), time.time()))

    def settled(self) -> list[Row]:
        """As many workers as there should be, each on the newest head; else nothing."""
        rows, version = self.rows(), self.store.head().version
        right = len(rows) == self.way.workers and all(row.acked(version) for row in rows) and self.answers()
        return rows if right else []

    def answers(self) -> bool:
        try:
            return self.client.http.get("/health/liveliness", timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    def point(self, target: str) -> None:
        """Select it for the route `active`, as the control plane does."""
        head, now = self.store.head(), time.time()
        chosen = Selection(target, "alpha", "tests", now)
        entry = HistoryEntry("select", now, "tests", route="active", after=target)
        self.store.commit(head.version, selections={"active": (chosen,)}, entries=[entry])

    def says(self) -> str:
        """What the model behind the route answers; nothing where the request meets a worker that just ends."""
        try:
            with httpx.Client(timeout=30, trust_env=False) as fresh:  # a connection of its own: any worker may take it
                body = {"model": "active", "messages": [{"role": "user", "content": "hello"}]}
                headers = {"Authorization": f"Bearer {MASTER_KEY}"}
                answer = fresh.post(f"{self.client.url}/v1/chat/completions", json=body, headers=headers)
        except httpx.TransportError:
            return ""
        return str(answer.json()["choices"][0]["message"]["content"]) if answer.status_code == 200 else answer.text

    def error_of(self, row: Row) -> str | None:
        """What is said of a worker now."""
        return next((each.error for each in self.rows() if each.id == row.id), None)

    def gone(self, row: Row) -> bool:
        return row.id not in {each.id for each in self.rows()}

    def stop(self) -> None:
        self.client.close()
        self.process.stop(grace=10)
        self.store.close()


def words(model: str) -> str:
    return f"model={model} key={key_of(model)};"
