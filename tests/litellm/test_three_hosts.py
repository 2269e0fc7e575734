"""A control plane and three LiteLLMs on hosts of their own, one of which is cut off and healed (`make hosts`).

Collected inside a network namespace alone, since it makes bridges and cables.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import yaml

from support import lines
from support.catalog_files import write_catalog
from support.load import Load
from support.models import SETTINGS
from support.namespaces import BRIDGE, Host, bridge
from support.processes import Process
from support.proxy import BOOT, environment
from support.redis_server import RedisServer
from support.serve_process import ControlPlane
from support.waiting import wait_until

pytestmark = pytest.mark.boots
TOKEN = "hosts:a-token-of-the-hosts"
PASSWORD = "a-password-of-the-hosts"
MODELS: dict[str, Any] = {name: {"params": {"mock_response": f"I am {name}"}} for name in ("alpha", "beta", "gamma")}
PROXY = "http://127.0.0.1:4000"  # of each host


class Worker:
    """A LiteLLM in a host, as `litellm --config`."""

    def __init__(self, host: Host, folder: Path, store: str) -> None:
        folder.mkdir()
        self.host, self.folder, self._boots = host, folder, 0
        config = folder / "litellm_config.yaml"
        config.write_text(yaml.safe_dump({"model_list": [], **SETTINGS}))
        self._env = environment(
            {"MODELCTL_STORE": store, "MODELCTL_TOKEN": TOKEN, "MODELCTL_STATE": str(folder / "disk")}
        )
        self._command = [
            *host.inside, lines.program("litellm"), "--config", config, "--host", "127.0.0.1", "--port", "4000"
        ]  # fmt: skip
        self.process: Process

    def start(self) -> None:
        self._boots += 1
        log = self.folder / f"litellm.{self._boots}.log"
        self.process = Process("litellm", self._command, log=log, env=self._env, cwd=self.folder)
        self.process.wait_for(lambda: "Application startup complete" in self.process.output(), "it has started", BOOT)

    def kept_at(self) -> float:
        """When its disk was last given something for the control plane."""
        return max((each.stat().st_mtime for each in (self.folder / "disk").glob("usage-*/*/*")), default=0.0)

    def load(self) -> Load:
        return Load(self.folder, [PROXY], connections=2, rate=20, inside=self.host.inside)


class Hosts:
    def __init__(self, control: ControlPlane, workers: list[Worker]) -> None:
        self.control, self.workers = control, workers

    def rows(self) -> list[dict[str, Any]]:
        return list(self.control.status()["workers"])

    def acked(self) -> int:
        return sum(row["acked"] for row in self.rows())

    def all_follow(self, seconds: float = 30) -> None:
        wait_until(lambda: self.acked() == len(self.rows()) == 3, "all three follow", seconds)


@pytest.fixture(scope="session")
def bridged() -> None:
    bridge()


@pytest.fixture(params=["http", "redis"])
def hosts(request: pytest.FixtureRequest, bridged: None, tmp_path: Path) -> Iterator[Hosts]:
    """The workers follow the control plane itself, or a Redis beside it."""
    provider = {"name": "Mock", "litellm_provider": "openai", "api_key": "none", "models": MODELS}
    catalog = write_catalog(tmp_path, {"mock": provider}, {"active": {"target": "alpha"}}, SETTINGS)
    server = RedisServer(tmp_path / "redis", host=BRIDGE, password=PASSWORD)
    options, env = ("--host", BRIDGE), {"MODELCTL_TOKEN": TOKEN}
    if request.param == "redis":
        options += ("--store", server.start().url)
    control = ControlPlane(tmp_path, catalog, tmp_path / ".modelctl", env, *options)
    control.url = f"http://{BRIDGE}:{control.port}"
    store = server.url if request.param == "redis" else control.url
    control.http.base_url = control.url
    control.http.headers["authorization"] = f"Bearer {TOKEN.partition(':')[2]}"
    with ExitStack() as closing:
        if server.boots:
            closing.callback(server.stop)
        closing.callback(control.stop)
        control.start()
        workers = []
        for number in (1, 2, 3):
            host = Host(number, tmp_path)
            closing.callback(host.stop)
            workers.append(Worker(host, tmp_path / f"worker{number}", store))
            workers[-1].start()
            closing.callback(workers[-1].process.stop)
        yield Hosts(control, workers)
        workers[2].process.stop()


def test_a_host_that_is_cut_off_serves_on_and_catches_up(hosts: Hosts) -> None:
    hosts.all_follow()
    far = hosts.workers[2]
    with ExitStack() as loads:
        near = [loads.enter_context(worker.load()) for worker in hosts.workers[:2]]
        with far.load() as there:
            far.host.cut()
            assert hosts.control.select("beta").status_code == 200
            wait_until(lambda: hosts.acked() == 2, "both others follow")
            wait_until(silent(hosts), "the third is named", 30)
            before = there.count()
            wait_until(lambda: there.count() > before + 20, "it serves on")
        assert (there.failed, {one.text for one in there.samples}) == ([], {"I am alpha"})

        ended = max(one.ended for one in there.samples)
        wait_until(lambda: far.kept_at() > ended + 0.5, "what is counted is on its disk", 30)
        far.process.kill()  # its worst day: it starts again while nobody can be reached
        far.start()
        with far.load() as alone:
            alone.wait_until_count(20)
            assert hosts.control.select("gamma").status_code == 200
            far.host.heal()
            hosts.all_follow(60)
            after = alone.count()
            wait_until(lambda: alone.count() > after + 20, "it serves on")
        assert alone.failed == []
        assert {one.text for one in alone.samples} == {"I am alpha", "I am gamma"}  # beta came and went meanwhile
        assert [one.text for one in alone.samples if one.began > alone.samples[after + 2].ended][-1] == "I am gamma"
    for load in near:
        assert load.failed == []
        assert {one.text for one in load.samples} == {"I am alpha", "I am beta", "I am gamma"}
    served = sum(len(load.samples) for load in (*near, there, alone))
    wait_until(lambda: counted(hosts) >= served, "every request is counted, those of the lone host too", 60)
    assert counted(hosts) == served
    print(f"\n{served} requests on three hosts, none failed; one host was cut off, killed, started again and healed")


def silent(hosts: Hosts) -> Any:
    return lambda: any(one["rule"] == "worker-silent" for one in hosts.control.status()["problems"])


def counted(hosts: Hosts) -> int:
    answer = hosts.control.http.get("/usage?from=1h&group_by=model").json()
    return sum(row["requests"] for row in answer["rows"])
