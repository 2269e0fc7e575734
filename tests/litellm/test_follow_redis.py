"""A LiteLLM and a control plane on one Redis, through the death of Redis, worker and control plane."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from support import lines
from support.catalog_files import provider_on, write_catalog
from support.load import Load
from support.models import SETTINGS, key_of, variables
from support.proxy import Workers
from support.redis_server import RedisServer, started
from support.serve_process import ControlPlane, modelctl
from support.upstream import Upstream
from support.waiting import wait_until

pytestmark = pytest.mark.boots
MODELS = {name: {"api_key": f"os.environ/KEY_{name.upper()}", "mode": "chat"} for name in ("alpha", "beta", "gamma")}
PASSWORD = "a-password-of-redis"


def words(model: str) -> str:
    return f"model={model} key={key_of(model)};"


@dataclass
class OnRedis:
    """A control plane and a worker that share nothing but a Redis."""

    folder: Path
    server: RedisServer
    control: ControlPlane
    workers: Workers

    @property
    def pid(self) -> int:
        return self.workers.workers[0].pid

    def settled(self) -> dict[str, Any]:
        """The status, once the worker that runs has acked all that was published and selected."""

        def acked() -> dict[str, Any] | None:
            answer = self.control.http.get("/status")
            rows = answer.json().get("workers", []) if answer.status_code == 200 else []
            ready = [row["acked"] for row in rows if row["pid"] == self.pid]
            return answer.json() if ready == [True] else None

        return wait_until(acked, "the worker has acked", 30)

    def says(self, text: str, times: int = 1) -> None:
        worker = self.workers.workers[0]
        worker.process.wait_for(lambda: worker.process.output().count(text) >= times, f"`{text}` in its log", 30)


@pytest.fixture
def world(tmp_path: Path, own_upstream: Upstream) -> Iterator[OnRedis]:
    server = started(tmp_path / "redis", password=PASSWORD)
    providers = {"p0": provider_on("os.environ/UPSTREAM_BASE", {**MODELS})}
    catalog = write_catalog(tmp_path / "control", providers, {"active": {"target": "alpha"}}, SETTINGS)
    there = {**variables(own_upstream.url, own_upstream.url), "MODELCTL_STORE": server.url}
    control = ControlPlane(tmp_path, catalog, tmp_path / "control" / ".modelctl", there).start()
    config = tmp_path / "worker" / "litellm_config.yaml"
    config.parent.mkdir()
    config.write_text(yaml.safe_dump({"model_list": [], **SETTINGS}))
    env = {**there, "MODELCTL_PARENT": str(os.getpid()), **lines.modules()}
    workers = Workers(tmp_path / "worker", tmp_path / "worker" / "disk", config, count=1, env=env)
    yield OnRedis(tmp_path, server, control, workers)
    workers.stop()
    control.stop()
    server.stop()


def test_a_worker_and_a_control_plane_on_one_redis(world: OnRedis) -> None:
    client, control, server = world.workers.start().client, world.control, world.server
    world.settled()
    assert client.chat("active").text == words("alpha")
    answer = control.select("beta").json()
    assert [worker["acked"] for worker in answer["workers"]] == [True]
    assert client.chat("active").text == words("beta")
    assert [problem["rule"] for problem in control.status()["problems"]] == ["store-forgets"]

    with Load(world.folder, [world.workers.url], connections=4) as load:
        wait_until(lambda: load.count() > 20, "requests are under way")
        server.kill()
        world.says("cannot read the store, going on with what was read last")
        before = load.count()
        wait_until(lambda: load.count() > before + 20, "requests go on while Redis is away")
        answer = control.select("gamma")
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "store_down")
        server.start()  # as empty as it can be
        world.says("the store is back")
        world.settled()
        control.select("gamma").raise_for_status()
        world.settled()
    assert load.failed == []
    assert {sample.text for sample in load.samples} == {words("beta"), words("gamma")}
    assert client.chat("active").text == words("gamma")

    def counted() -> list[int]:
        rows = control.http.get("/usage?from=1h&group_by=worker").json()["rows"]
        return sorted(row["requests"] for row in rows)

    # What is in Redis alone goes with it, so it has to be read before both that and the worker die.
    wait_until(lambda: counted() and counted()[0] >= 2, "what the first process counted is read", 30)
    history = [(entry["action"], entry["after"]) for entry in control.http.get("/history?route=active").json()]
    assert history == [("select", "gamma"), ("select", "beta")]

    server.kill()
    worker = world.workers.workers[0]
    worker.process.kill()
    worker.start()
    assert client.chat("active").text == words("gamma")
    control.process.send(signal.SIGKILL)
    control.process.wait()
    server.start()
    control.start()
    world.settled()
    control.select("alpha").raise_for_status()
    world.settled()
    assert client.chat("active").text == words("alpha")

    wait_until(lambda: len(counted()) == 2 and counted()[0] >= 2, "requests of both processes are counted", 30)
    for log in world.folder.rglob("*.log"):
        assert PASSWORD not in log.read_text(errors="replace"), log
    code, said, _ = modelctl("status", cwd=world.folder / "control", env={"MODELCTL_SERVER": control.url})
    assert (code, "alpha" in said, "store-forgets" in said) == (0, True, True)
