"""A LiteLLM in a folder of its own that follows a control plane by its address, through the death of either."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from modelctl.store.usage_store import DAY, UsageStore
from support import lines
from support.catalog_files import provider_on, write_catalog
from support.load import Load
from support.models import SETTINGS, key_of, variables
from support.proxy import BOOT, Workers
from support.serve_process import ControlPlane, modelctl
from support.upstream import Upstream
from support.waiting import wait_until

pytestmark = pytest.mark.boots
TESTS = Path(__file__).parent.parent
TOKEN = "worker:a-token-of-the-worker"
MODELS = {name: {"api_key": f"os.environ/KEY_{name.upper()}", "mode": "chat"} for name in ("alpha", "beta")}


def words(model: str) -> str:
    return f"model={model} key={key_of(model)};"


@dataclass
class Apart:
    """A control plane and a worker that share nothing but an address."""

    folder: Path
    control: ControlPlane
    workers: Workers
    providers: dict[str, Any]

    def edit(self, **models: Any) -> None:
        self.providers["p0"]["models"].update(models)
        write_catalog(self.folder / "control", self.providers, {"active": {"target": "alpha"}}, SETTINGS)

    def settled(self) -> dict[str, Any]:
        """The status, once the worker runs what the control plane has published."""

        def acked() -> dict[str, Any] | None:
            status = self.control.status()
            rows = status["workers"]
            ready = self.control.http.get("/readyz").status_code == 200
            return status if ready and [row["pid"] for row in rows] == [self.workers.workers[0].pid] else None

        return wait_until(acked, "the worker has acked", 30)

    def unsent(self) -> int:
        """Requests that the worker's disk keeps for the control plane."""
        folders = (self.folder / "worker" / "disk").glob("usage-*/*")
        found = [UsageStore(each).sums(DAY, 0, float("inf")) for each in folders]
        return int(sum(figures["requests"] for each in found for figures in each.values()))

    def says(self, text: str) -> None:
        worker = self.workers.workers[0]
        worker.process.wait_for(lambda: text in worker.process.output(), f"`{text}` in its log", BOOT)


@pytest.fixture
def apart(tmp_path: Path, own_upstream: Upstream) -> Iterator[Apart]:
    providers = {"p0": provider_on("os.environ/UPSTREAM_BASE", {**MODELS})}
    catalog = write_catalog(tmp_path / "control", providers, {"active": {"target": "alpha"}}, SETTINGS)
    there = variables(own_upstream.url, own_upstream.url)
    control = ControlPlane(tmp_path, catalog, tmp_path / "control" / ".modelctl", {**there, "MODELCTL_TOKEN": TOKEN})
    control.http.headers["authorization"] = f"Bearer {TOKEN.partition(':')[2]}"
    control.start()
    config = tmp_path / "worker" / "litellm_config.yaml"
    config.parent.mkdir()
    config.write_text(yaml.safe_dump({"model_list": [], **SETTINGS}))
    env = {**there, "MODELCTL_STORE": control.url, "MODELCTL_TOKEN": TOKEN, "MODELCTL_PARENT": str(os.getpid())}
    workers = Workers(
        tmp_path / "worker", tmp_path / "worker" / "disk", config, count=1, env={**env, **lines.modules()}
    )
    yield Apart(tmp_path, control, workers, providers)
    workers.stop()
    control.stop()


def test_a_worker_with_no_shared_folder(apart: Apart) -> None:
    client = apart.workers.start().client
    apart.settled()
    assert client.chat("active").text == words("alpha")
    apart.control.select("beta")
    apart.settled()
    assert client.chat("active").text == words("beta")
    apart.edit(gamma={"api_key": "os.environ/KEY_GAMMA", "mode": "chat"})
    wait_until(lambda: client.chat("gamma").ok, "the edit is live")
    assert client.chat("gamma").text == words("gamma")

    with Load(apart.folder, [apart.workers.url], connections=4) as load:
        wait_until(lambda: load.count() > 20, "requests are under way")
        apart.control.process.send(signal.SIGKILL)
        apart.control.process.wait()
        apart.says("cannot read the store, going on with what was read last")
        before = load.count()
        wait_until(lambda: load.count() > before + 20, "requests go on")
        worker = apart.workers.workers[0]
    assert load.failed == []

    wait_until(lambda: apart.unsent() >= load.count(), "what is counted is on the worker's disk")
    worker.process.kill()
    worker.start()
    assert {client.chat(name).text for name in ("active", "gamma")} == {words("beta"), words("gamma")}

    apart.control.start()
    apart.settled()
    apart.says("the store is back")
    apart.control.select("gamma")
    apart.settled()
    assert client.chat("active").text == words("gamma")
    code, said, _ = modelctl("status", cwd=apart.folder / "control", env={"MODELCTL_SERVER": apart.control.url})
    assert (code, "gamma" in said) == (0, True)

    def counted() -> int:
        rows = apart.control.http.get("/usage?from=1h&group_by=worker").json()["rows"]
        return sum(row["requests"] for row in rows)

    tally = load.count() + sum(client.chat("gamma").ok for _ in range(3))
    wait_until(lambda: counted() >= tally, "what was counted while nobody could be told is there as well", 30)


def test_time_limits_end_by_the_clock_of_the_control_plane(apart: Apart) -> None:
    """The worker's is ten minutes ahead: each limit would be over before it has begun."""
    hooks = "support.another_clock:ahead,modelctl.hook:startup"
    worker = apart.workers.workers[0]
    worker.start({**lines.modules(TESTS), "LITELLM_WORKER_STARTUP_HOOKS": hooks, "AHEAD": "600"})
    apart.settled()
    assert apart.control.select("beta", **{"for": 8}).status_code == 200
    apart.settled()
    assert worker.client.chat("active").text == words("beta")
    wait_until(lambda: apart.control.current()["target"] == "alpha", "the limit is over", 20)
    wait_until(lambda: worker.client.chat("active").text == words("alpha"), "also for the worker")
    apart.control.process.kill()  # nobody tells the time any more
    assert worker.client.chat("active").text == words("alpha")


def test_a_worker_that_starts_before_its_control_plane(apart: Apart) -> None:
    apart.control.process.kill()
    apart.workers.workers[0].launch()
    apart.says("on the config file until it is there")
    apart.control.start()
    apart.workers.workers[0].ready()
    apart.settled()
    assert apart.workers.client.chat("active").text == words("alpha")
    apart.control.select("beta")
    apart.settled()
    assert apart.workers.client.chat("active").text == words("beta")
