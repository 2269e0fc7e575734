"""The running system that several rows share: a catalog of 1,000 models, the control plane, two workers."""

from __future__ import annotations

import json
import os
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.book import Book
from bench.measure import Setting, percentile
from modelctl.build.rendering import render_text
from modelctl.pipeline import build
from modelctl.store import open_store
from support import lines
from support.load import Load, Sample
from support.models import variables
from support.proxy import Workers
from support.serve_process import ControlPlane
from support.upstream import Upstream
from support.waiting import wait_until

ROOT = Path(__file__).parent.parent
CONNECTIONS = 8


class Events:
    """What the probes in the workers wrote."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._read: dict[Path, int] = {}
        self.applied: dict[int, dict[int, dict[str, Any]]] = {}  # version -> pid -> event
        self.gaps: list[tuple[float, list[float]]] = []

    def refresh(self) -> None:
        for path in self.folder.glob("*.jsonl"):
            with path.open("rb") as file:
                file.seek(self._read.get(path, 0))
                data = file.read()
            whole = data[: data.rfind(b"\n") + 1]
            for line in whole.splitlines():
                self._take(int(path.stem), json.loads(line))
            self._read[path] = self._read.get(path, 0) + len(whole)

    def _take(self, pid: int, event: dict[str, Any]) -> None:
        if event["kind"] == "gaps":
            self.gaps.append((event["at"], event["late_ms"]))
        else:
            self.applied.setdefault(event["version"], {})[pid] = event

    def of(self, version: int, workers: int, timeout: float = 30.0) -> list[dict[str, Any]]:
        """Each worker's report of `version`, once all are there. A nack is an error of the benchmark."""

        def all_there() -> bool:
            self.refresh()
            return len(self.applied.get(version, {})) >= workers

        wait_until(all_there, f"version {version} on {workers} workers", timeout, every=0.005)
        events = list(self.applied[version].values())
        assert not any(event["error"] for event in events), events
        return events

    def loop_gap(self, since: float, until: float) -> float:
        """p99 in ms of how late the workers' loops ran in that time (epoch seconds)."""
        self.refresh()
        late = [value for at, values in self.gaps if since <= at <= until for value in values]
        return percentile(late, 0.99) if late else float("nan")


class Scene:
    def __init__(self, setting: Setting, count: int = 1000, workers: int = 2) -> None:
        folder = self.folder = setting.folder / "scene"
        self.upstream = Upstream(folder)
        self.book = Book(folder, count, "os.environ/UPSTREAM_BASE")
        state = folder / "state"
        events = folder / "events"
        events.mkdir()
        self.events = Events(events)
        self.control = ControlPlane(folder, self.book.catalog, state).start()
        self.store = open_store(str(state))
        config = folder / "litellm_config.yaml"
        desired = build(self.book.catalog).desired
        assert desired is not None
        config.write_text(render_text(desired))
        env = {
            **variables(self.upstream.url, self.upstream.url),
            "LITELLM_WORKER_STARTUP_HOOKS": "bench.probe:startup,modelctl.hook:startup",
            "BENCH_EVENTS": str(events),
            "MODELCTL_PARENT": str(os.getpid()),
            **lines.modules(ROOT, ROOT / "tests"),
        }
        self.proxy = Workers(folder / "proxy", state, config, count=workers, env=env).start()
        self.urls = [worker.url for worker in self.proxy.workers]
        self.plain: dict[str, float] = {}
        self.sustained = self._sustained(setting.count(8, 4))

    @property
    def workers(self) -> int:
        return len(self.proxy.workers)

    def version(self) -> int:
        return self.store.head().version

    def edit(self, *, hundred: bool = False) -> tuple[float, list[dict[str, Any]]]:
        """Save an edit of one model (or a hundred): (when, each worker's report)."""
        version = self.version() + 1
        if hundred:
            began = self.book.edit_hundred(random.choice(list(self.book.providers)))
        else:
            began = self.book.edit(random.randrange(self.book.count))
        return began, self.events.of(version, self.workers)

    def select(self, model: str) -> tuple[float, list[dict[str, Any]]]:
        began = time.time()
        answer = self.control.select(model)
        assert answer.status_code == 200, answer.text
        return began, self.events.of(answer.json()["version"], self.workers)

    def stored_at(self) -> float:
        """When the last change was about to be committed, epoch seconds."""
        return self.store.history(limit=1)[0].at

    def _sustained(self, seconds: float) -> float:
        """Requests per second of all workers together with 8 closed-loop connections."""
        self.client_ms()
        with Load(self.folder, self.urls, connections=CONNECTIONS) as load:
            self._let_run(load, 2)
            before, began = load.count(), time.monotonic()
            self._let_run(load, seconds)
            rate = (load.count() - before) / (time.monotonic() - began)
        assert not load.failed, load.failed[:3]
        return rate

    @staticmethod
    def _let_run(load: Load, seconds: float) -> None:
        end = time.monotonic() + seconds
        wait_until(lambda: time.monotonic() >= end, "the measuring time is over", seconds + 5, every=0.05)

    def client_ms(self, count: int = 20) -> float:
        """A plain request with nothing else going on, median in ms."""
        from statistics import median

        from bench.measure import timed

        client = self.proxy.client
        return median(timed(lambda: client.chat("active")) * 1000 for _ in range(count))

    @contextmanager
    def under(self, case: str) -> Iterator[dict[str, float]]:
        """Run the block idle, under paced or under saturated load; fills in the machine's own figures."""
        machine: dict[str, float] = {}
        began = time.time()
        if case == "idle":
            machine["plain_ms"] = round(self.client_ms(), 1)
            yield machine
        else:
            rate = self.sustained / 2 if case == "paced" else None
            connections = 2 * CONNECTIONS if rate else CONNECTIONS
            with Load(self.folder, self.urls, connections=connections, rate=rate) as load:
                self._let_run(load, 1)
                yield machine
            machine |= self._seen(load.samples)
        machine["loop_gap_p99_ms"] = round(self.events.loop_gap(began, time.time()), 1)

    @staticmethod
    def _seen(samples: list[Sample]) -> dict[str, float]:
        seconds = [sample.seconds for sample in samples]
        return {
            "plain_ms": round(percentile(seconds, 0.5) * 1000, 1),
            "plain_p99_ms": round(percentile(seconds, 0.99) * 1000, 1),
            "requests": len(samples),
            "failed": sum(not sample.ok for sample in samples),
        }

    def stop(self) -> None:
        self.proxy.stop()
        self.control.stop()
        self.upstream.stop()
        self.store.close()


_scene: Scene | None = None


def shared(setting: Setting) -> Scene:
    """Booted when the first row needs it."""
    global _scene
    if _scene is None:
        _scene = Scene(setting)
    return _scene


def close() -> None:
    global _scene
    if _scene is not None:
        _scene.stop()
        _scene = None


def pause() -> None:
    """Between two changes, so that they do not fall into step with anything that looks now and then."""
    end = time.monotonic() + random.uniform(0.02, 0.3)
    wait_until(lambda: time.monotonic() >= end, "the pause is over", every=0.005)
