"""The README, as a new user follows it: `modelctl up` with two real workers, the curl line, the tour, and the end.

One `up` serves the whole file, in whatever order its tests run. The project is a copy of what git tracks, so that edits
of the tour stay in it.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from modelctl.api.demo_endpoint import ANSWER
from modelctl.store import open_store
from support.load import Load
from support.processes import Process, free_port
from support.proxy import BOOT, environment
from support.proxy_client import Client
from support.waiting import wait_until

pytestmark = pytest.mark.boots
ROOT = Path(__file__).parents[2]
TOUR = re.compile(r"^```sh tour(?P<fails> fails)?\n(?P<block>.*?)^```$", re.DOTALL | re.MULTILINE)
WORKERS = 2
SECOND = """
  second:
    supports_tools: true
    params: {mock_response: "hello from the second model"}
"""


class Project:
    """A copy of the checkout with `modelctl up` running in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True)
        for name in filter(None, tracked.stdout.split("\0")):
            if (ROOT / name).is_file() and not name.startswith(("src/", "tests/", "bench/")):
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).write_bytes((ROOT / name).read_bytes())
        (folder / ".venv").symlink_to(Path(sys.executable).parents[1])
        identity = ["-c", "user.name=ada", "-c", "user.email=ada@example.org"]
        for words in (["init", "-q"], ["add", "-A"], [*identity, "commit", "-qm", "start"]):
            self._git(*words)
        self.env = {name: value for name, value in environment().items() if name != "LITELLM_MASTER_KEY"}
        self.port, self.proxy_port = free_port(), free_port()
        self.out = folder.parent / "stdout"
        self.starts = 0
        self.start()
        self.committed = self.status()["revision"]  # what the catalog in git says

    def start(self) -> None:
        command = (
            f'exec "$0" -m modelctl up --port {self.port} --proxy-port {self.proxy_port} --workers {WORKERS} >"$1"'
        )
        shell = ["bash", "-c", command, sys.executable, str(self.out)]
        self.out.write_text("")
        self.starts += 1
        log = self.folder.parent / f"stderr.{self.starts}"
        self.up = Process("up", shell, log=log, env=self.env, cwd=self.folder)
        self.up.wait_for(lambda: "curl " in self.out.read_text(), "the curl line", BOOT * WORKERS)

    def reset(self) -> None:
        """As after the first start: it runs, on the catalog in git, and nothing is selected."""
        if not self.up.alive:
            self.start()
        while self.run("modelctl rollback").returncode == 0:
            pass
        self._git("checkout", "-q", "--", ".")
        wait_until(lambda: self.ready() and self.status()["revision"] == self.committed, "the catalog in git runs", 30)
        assert "active -> demo" in self.run("modelctl current").stdout

    def add_second(self) -> None:
        """Write another model into the catalog, and wait until it is published."""
        with (self.folder / "catalog" / "providers" / "demo.yaml").open("a") as file:
            file.write(SECOND)
        wait_until(lambda: self.status()["revision"] != self.committed, "the second model is published", 30)

    def ready(self) -> bool:
        return self.run(f"curl -sf http://127.0.0.1:{self.port}/readyz").returncode == 0

    def _git(self, *words: str) -> None:
        subprocess.run(["git", *words], cwd=self.folder, check=True)

    def run(self, block: str) -> subprocess.CompletedProcess[str]:
        """A block of the README in a shell of its own."""
        path = f'export PATH="$PWD/.venv/bin:$PATH"\n{block}'
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", path], cwd=self.folder, env=self.env, capture_output=True, text=True
        )

    def status(self) -> dict[str, object]:
        answer: dict[str, object] = json.loads(self.run("modelctl status --json").stdout)
        return answer

    @property
    def key(self) -> str:
        return (self.folder / ".modelctl" / "master_key").read_text().strip()

    def client(self) -> Client:
        return Client(f"http://127.0.0.1:{self.proxy_port}", self.key)

    def workers(self) -> set[int]:
        store = open_store(str(self.folder / ".modelctl"))
        try:
            return {worker.pid for worker in store.workers() if _alive(worker.pid)}
        finally:
            store.close()


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "Z" not in Path(f"/proc/{pid}/stat").read_text().split()[2] if Path("/proc/self").exists() else True


@pytest.fixture(scope="module")
def module_project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    folder = tmp_path_factory.mktemp("readme") / "modelctl"
    folder.mkdir()
    made = Project(folder)
    yield made
    made.up.stop()


@pytest.fixture
def project(module_project: Project) -> Project:
    """Running, on the catalog in git, with nothing selected."""
    module_project.reset()
    return module_project


@pytest.fixture
def on_second(project: Project) -> Project:
    """With a second model in the catalog, which `active` points to."""
    project.add_second()
    assert project.run("modelctl use second").returncode == 0
    return project


def test_one_curl_line_that_works_when_pasted_and_holds_no_secret(project: Project) -> None:
    lines = [line for line in project.out.read_text().splitlines() if line.startswith("curl ")]
    assert len(lines) == 1
    assert project.key not in project.out.read_text() + project.up.output()
    answer = json.loads(project.run(lines[0]).stdout)
    assert answer["choices"][0]["message"]["content"].startswith("Hello from modelctl!")


def test_up_said_what_it_did(project: Project) -> None:
    said = project.up.output()
    assert "not set for openai: OPENAI_API_KEY" in said
    assert "variables set: demo, ollama" in said
    assert re.search(r"LiteLLM boots: \d+ s, \d of 2 ready", said)


def test_the_tour_runs_as_written(project: Project) -> None:
    readme = (ROOT / "README.md").read_text()
    blocks = list(TOUR.finditer(readme))
    assert len(blocks) >= 5
    said = ""
    for found in blocks:
        ran = project.run(found["block"])
        assert (ran.returncode == 0) == (not found["fails"]), f"{found['block']}\n{ran.stdout}{ran.stderr}"
        said += ran.stdout + ran.stderr
    assert re.search(r"^second +ok", said, re.MULTILINE), said
    assert "active points to second (was demo)" in said
    assert "trying it out" in said
    assert "error[unknown-key]" in said
    assert "catalog/providers/demo.yaml" in said


def test_a_selection_reaches_both_workers_and_says_so(project: Project) -> None:
    project.add_second()
    answer = json.loads(project.run("modelctl use second --reason outage --json").stdout)
    assert [worker["acked"] for worker in answer["workers"]] == [True, True]
    with project.client().http as http:
        asked = [http.post("/v1/chat/completions", json=_question()).json() for _ in range(8)]
    assert {each["choices"][0]["message"]["content"] for each in asked} == {"hello from the second model"}


def test_kill_of_the_control_plane_leaves_traffic_and_choice(on_second: Project) -> None:
    project = on_second
    before = project.workers()
    (control,) = _children(project.up.pid) - before
    os.kill(control, signal.SIGKILL)
    assert project.client().chat("active").text == "hello from the second model"
    assert project.client().chat("demo").text == ANSWER, "it waits for the new control plane"
    wait_until(lambda: project.run("modelctl current").returncode == 0, "the control plane is back", 30)
    assert "active -> second" in project.run("modelctl current").stdout
    assert project.workers() == before


def test_kill_of_a_worker_brings_it_back_on_the_choice(on_second: Project) -> None:
    project = on_second
    before = project.workers()
    os.kill(min(before), signal.SIGKILL)
    assert project.client().chat("active").text == "hello from the second model"
    wait_until(lambda: len(project.workers() - {min(before)}) == WORKERS, "a new worker reports", BOOT)
    wait_until(project.ready, "ready", 30)
    assert {project.client().chat("active").text for _ in range(8)} == {"hello from the second model"}


def test_an_edit_that_breaks_is_told_and_not_live(project: Project) -> None:
    path = project.folder / "catalog" / "routes.yaml"
    good = path.read_text()
    path.write_text(good.replace("target: demo", "target: dmeo"))

    def told() -> list[str]:
        problems = project.status()["problems"]
        assert isinstance(problems, list)
        return [f"{each['rule']} {each['hint']}" for each in problems if each["severity"] == "error"]

    errors = wait_until(told, "status names the problem", 10)
    assert [error.startswith("unknown-model did you mean `demo`") for error in errors] == [True]
    assert "unknown-model" in project.up.output()
    assert project.client().chat("active").ok
    path.write_text(good)
    wait_until(lambda: not told(), "the mended catalog has no errors", 10)


def test_a_restart_of_the_workers_loses_no_request(project: Project, tmp_path: Path) -> None:
    before = project.workers()
    url = f"http://127.0.0.1:{project.proxy_port}"
    with Load(tmp_path, [url], key=project.key, model="demo", connections=6, stream_every=3) as load:
        ran = project.run("modelctl restart")
    assert (ran.returncode, ran.stderr.count("every worker was restarted")) == (0, 1), ran.stderr
    assert [one for one in load.samples if not one.ok] == []
    assert len(load.samples) > 100
    assert len(project.workers()) == WORKERS
    assert not project.workers() & before


def test_the_end_is_quick_and_leaves_nothing(project: Project) -> None:
    children = _children(project.up.pid)
    assert len(children) == WORKERS + 1
    with httpx.stream("GET", f"http://127.0.0.1:{project.port}/events", timeout=30, trust_env=False) as page:
        assert next(page.iter_lines())
        project.up.send(signal.SIGINT)
        assert project.up.wait(10) == 0
    said = project.up.output()
    assert said.rstrip().endswith("stopped")
    assert "ERROR" not in said
    assert "ASGI" not in said
    wait_until(lambda: not any(_alive(pid) for pid in children), "no child is left", 2)


def test_everything_survives_a_restart_of_the_whole(on_second: Project) -> None:
    project = on_second
    project.up.stop()
    project.start()
    assert "active -> second" in project.run("modelctl current").stdout
    assert project.client().chat("active").text == "hello from the second model"
    assert "select" in project.run("modelctl history").stdout


def _question() -> dict[str, object]:
    return {"model": "active", "messages": [{"role": "user", "content": "hello"}]}


def _children(pid: int) -> set[int]:
    listed = subprocess.run(["ps", "-o", "pid=,ppid=", "-e"], check=True, capture_output=True, text=True).stdout
    pairs = (line.split() for line in listed.splitlines())
    return {int(child) for child, parent in pairs if int(parent) == pid}
