"""`up` with small stand-ins for the control plane and LiteLLM: what it starts, keeps alive and ends."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from modelctl.pipeline import build
from modelctl.state.selection import Worker
from modelctl.store import open_store, worker_process
from modelctl.supervisor.ready import answered
from support.api_server import write_catalog
from support.cli import call
from support.processes import Process, free_port, listen
from support.waiting import wait_until

# Runs `Up` with other argv's for its children; the rest is what `modelctl up` does.
RUN = """
import sys
from functools import partial
from modelctl.cli import main
from modelctl.supervisor import launch
control, worker = sys.argv[1:3]
argvs = {"control_argv": (sys.executable, control), "worker_argv": (sys.executable, worker)}
launch.LaunchSpec = partial(launch.LaunchSpec, **argvs)
main(["up", *sys.argv[3:]])
"""

CONTROL = """
import http.server, json, os, signal, socket, sys, threading, time
from modelctl.store import open_store
def end_with_parent():
    while os.getppid() == int(os.environ["MODELCTL_PARENT"]):
        time.sleep(0.05)
    os._exit(1)
threading.Thread(target=end_with_parent, daemon=True).start()
argv = dict(zip(sys.argv[1::2], sys.argv[2::2]))
store = open_store(os.environ["MODELCTL_STORE"])
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps({"revision": store.head().revision}).encode()
        self.send_response(200); self.send_header("content-length", str(len(body))); self.end_headers()
        self.wfile.write(body)
    def log_message(self, *a): pass
server = http.server.HTTPServer(("", 0), Handler, bind_and_activate=False)
server.socket = socket.socket(fileno=int(argv["--fd"]))
server.socket.setblocking(True)
open(os.path.join(argv["--state"], f"control.{os.getpid()}"), "w").close()
server.serve_forever()
"""

WORKER = """
import http.server, os, socket, sys, threading, time, signal, subprocess
state = os.environ["MODELCTL_STATE"]
from modelctl.state.selection import Worker
from modelctl.store import open_store, worker_process
if os.path.exists(os.path.join(state, "refuse")):
    print("boot failed: bad master key", os.environ["LITELLM_MASTER_KEY"]); sys.exit(3)
if os.path.exists(os.path.join(state, "stubborn")):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
open(os.path.join(state, f"grandchild.{grandchild.pid}"), "w").close()
store = open_store(os.environ["MODELCTL_STORE"])
def report():
    while True:
        head = store.head()
        pid, host = os.getpid(), socket.gethostname()
        where = {"namespace": worker_process.namespace(), "at": time.time()}
        store.report(Worker(f"w{pid}", pid, host, head.version, head.revision, **where))
        if os.getppid() != int(os.environ["MODELCTL_PARENT"]):
            os._exit(1)
        time.sleep(0.05)
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.send_header("content-length", "2"); self.end_headers(); self.wfile.write(b"{}")
    def log_message(self, *a): pass
server = http.server.ThreadingHTTPServer(("", 0), Handler, bind_and_activate=False)
server.socket = socket.socket(fileno=int(sys.argv[2]))
server.socket.setblocking(True)
open(os.path.join(state, f"worker.{os.getpid()}"), "w").close()
open(os.path.join(state, "environ"), "w").write("\\n".join(f"{k}={v}" for k, v in os.environ.items()))
threading.Thread(target=report, daemon=True).start()
server.serve_forever()
"""


class Project:
    """A folder with a catalog, something published, and an `up` with stand-ins."""

    def __init__(self, root: Path) -> None:
        self.root, self.state = root, root / ".modelctl"
        write_catalog(root)
        self.state.mkdir()
        desired = build(root / "catalog").desired
        store = open_store(str(self.state))
        store.commit(store.head().version, desired=desired)
        store.close()
        for name, text in (("control.py", CONTROL), ("worker.py", WORKER), ("run.py", RUN)):
            (root / name).write_text(text)
        self.port, self.proxy_port = free_port(), free_port()
        self.runs: list[Process] = []

    def up(self, *options: str, env: dict[str, str] | None = None) -> Process:
        number = len(self.runs)
        ports = ("--port", str(self.port), "--proxy-port", str(self.proxy_port))
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("MODELCTL_", "LITELLM_"))}
        run = Process(
            "up", [sys.executable, "run.py", "control.py", "worker.py", *ports, *options],
            log=self.root / f"up{number}.log", env={**clean, **(env or {})}, cwd=self.root,
        )  # fmt: skip
        self.runs.append(run)
        return run

    def ready(self, run: Process) -> None:
        run.wait_for(lambda: "curl " in run.output(), "the curl line", 20)

    def pids(self, kind: str) -> set[int]:
        """Those that ever ran and still do."""
        return {pid for path in self.state.glob(f"{kind}.*") if alive(pid := int(path.suffix[1:]))}

    def children(self) -> set[int]:
        return self.pids("control") | self.pids("worker") | self.pids("grandchild")

    def stop(self) -> None:
        for run in self.runs:
            run.stop(grace=12)
        for pid in self.children():
            os.kill(pid, signal.SIGKILL)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    made = Project(tmp_path)
    yield made
    made.stop()


def test_workers_elsewhere_with_pids_like_ours_are_not_ours(tmp_path: Path) -> None:
    """Containers that share a Redis: the one's process 7 is not the other's."""
    store, here, pids = open_store(str(tmp_path)), socket.gethostname(), worker_process.namespace()
    for name, host, namespace in (("a", "other", pids), ("b", here, 1), ("c", "other", None)):
        store.report(Worker(name, 7, host, 0, None, at=time.time(), namespace=namespace))
    assert answered(store, {7}) == {}
    store.report(Worker("d", 7, here, 0, None, at=time.time(), namespace=pids, error="no"))
    assert answered(store, {7}) == {7: "no"}
    store.close()


def test_up_tells_one_curl_line_and_no_secret(project: Project) -> None:
    run = project.up()
    project.ready(run)
    lines = [line for line in run.output().splitlines() if line.startswith("curl ")]
    assert len(lines) == 1
    assert '"Bearer ' not in lines[0]
    assert "$(cat .modelctl/master_key)" in lines[0]
    assert '"model": "active"' in lines[0]
    key = (project.state / "master_key").read_text().strip()
    assert key.startswith("sk-")
    assert key not in run.output()
    assert "not set for acme: ACME_KEY" in run.output()
    assert (
        subprocess.run(["sh", "-c", lines[0].replace("/v1/chat/completions", "/x")], cwd=project.root).returncode == 0
    )


def test_up_keeps_its_state_to_its_owner(project: Project) -> None:
    project.ready(project.up())
    modes = {
        name: (project.state / name).stat().st_mode & 0o777 for name in (".", "master_key", "up.json", "boot.yaml")
    }
    assert modes == {".": 0o700, "master_key": 0o600, "up.json": 0o600, "boot.yaml": 0o600}


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_up_ends_and_leaves_nothing(project: Project, sign: signal.Signals) -> None:
    run = project.up("--workers", "2")
    project.ready(run)
    assert len(project.pids("worker")) == 2
    assert len(project.pids("grandchild")) == 2
    run.send(sign)
    assert run.wait(60) == 0
    assert project.children() == set()
    assert not (project.state / "up.json").exists()


def test_up_kills_who_does_not_end(project: Project) -> None:
    (project.state / "stubborn").touch()
    run = project.up()
    project.ready(run)
    run.send(signal.SIGTERM)
    assert run.wait(10) == 0
    assert project.children() == set()


@pytest.mark.parametrize("kind", ["worker", "control"])
def test_child_that_dies_is_started_again(project: Project, kind: str) -> None:
    run = project.up()
    project.ready(run)
    (old,) = project.pids(kind)
    os.kill(old, signal.SIGKILL)
    run.wait_for(lambda: project.pids(kind) - {old}, "another one runs", 15)
    assert "signal SIGKILL" in run.output()
    grandchildren = project.pids("grandchild")
    assert len(grandchildren) == 1  # what the dead one had started went with it


def test_up_ends_while_booting(project: Project) -> None:
    run = project.up()
    run.wait_for(lambda: project.pids("control"), "the control plane runs", 15)
    run.send(signal.SIGTERM)
    assert run.wait(10) == 0
    assert project.children() == set()


def test_litellm_that_does_not_boot(project: Project) -> None:
    (project.state / "refuse").touch()
    run = project.up()
    assert run.wait(30) == 1
    output = run.output()
    assert output.count("boot failed: bad master key ***") == 3
    assert (project.state / "master_key").read_text().strip() not in output
    assert "LiteLLM does not boot: 3 attempts failed" in output
    assert "Traceback" not in output
    assert project.children() == set()


def test_litellm_that_boots_at_the_second_attempt(project: Project) -> None:
    (project.state / "refuse").touch()
    run = project.up()
    run.wait_for(lambda: "exit code 3" in run.output(), "the first attempt failed", 20)
    (project.state / "refuse").unlink()
    project.ready(run)


@pytest.mark.parametrize("which", ["--port", "--proxy-port"])
def test_port_in_use(project: Project, which: str) -> None:
    with listen() as taken:
        port = taken.getsockname()[1]
        run = project.up(which, str(port))
        assert run.wait(15) == 1
    assert f"port {port} on 127.0.0.1 is in use" in run.output()
    assert f"{which} PORT" in run.output()
    assert not list(project.state.glob("control.*"))


def test_second_up_says_so(project: Project) -> None:
    first = project.up()
    project.ready(first)
    second = project.up("--port", str(free_port()), "--proxy-port", str(free_port()))
    assert second.wait(15) == 1
    assert f"already runs in this project (pid {first.pid})" in second.output()
    assert first.alive


def test_kill_9_leaves_nothing_and_the_next_up_works(project: Project) -> None:
    first = project.up()
    project.ready(first)
    first.send(signal.SIGKILL)
    first.wait(5)
    second = project.up()
    project.ready(second)
    assert len(project.pids("worker")) == 1
    assert json.loads((project.state / "up.json").read_text())["pid"] == second.pid


def test_restart_replaces_the_workers_one_by_one(project: Project) -> None:
    run = project.up("--workers", "2")
    project.ready(run)
    old = project.pids("worker")
    run.send(signal.SIGHUP)
    run.wait_for(lambda: "every worker was restarted" in run.output(), "the restart is over", 30)
    new = project.pids("worker")
    assert len(new) == 2
    assert not new & old
    assert run.alive


def test_a_new_worker_that_does_not_start_leaves_the_old_ones(project: Project) -> None:
    run = project.up("--workers", "2")
    project.ready(run)
    old = project.pids("worker")
    (project.state / "refuse").touch()
    asked = call("restart", "--state", project.state)
    assert asked.code == 1
    assert "the new LiteLLM worker 1 does not start (it died); the old ones serve on" in asked.err
    assert project.pids("worker") == old
    note = json.loads((project.state / "up.json").read_text())
    assert (note["boots"], note["restarts"]) == (None, 1)
    assert "does not start" in note["restart_failed"]
    (project.state / "refuse").unlink()
    assert call("restart", "--state", project.state).code == 0
    assert not project.pids("worker") & old
    assert json.loads((project.state / "up.json").read_text())["restart_failed"] is None


def environ_of(project: Project) -> dict[str, str]:
    text = wait_until(lambda: (project.state / "environ").read_text(), "the worker wrote its environment")
    return dict(line.split("=", 1) for line in text.splitlines() if "=" in line)


def test_environment_of_a_worker(project: Project) -> None:
    write_catalog(project.root)
    (project.root / ".env").write_text("ACME_KEY=from-dotenv\nOTHER_KEY=from-dotenv\nEMPTY=\n")
    run = project.up(env={"OTHER_KEY": "from-the-shell", "ACME_KEY": ""})
    project.ready(run)
    environ = environ_of(project)
    assert (environ["ACME_KEY"], environ["OTHER_KEY"]) == ("from-dotenv", "from-the-shell")
    assert environ["LITELLM_LOCAL_MODEL_COST_MAP"] == "True"
    assert environ["PYTHONFAULTHANDLER"] == "1"
    assert environ["LITELLM_WORKER_STARTUP_HOOKS"] == "modelctl.hook:startup"
    assert environ["MODELCTL_PARENT"] == str(run.pid)
    assert "variables set: acme, other" in run.output()


def test_cost_map_of_the_environment_wins(project: Project) -> None:
    project.ready(project.up(env={"LITELLM_LOCAL_MODEL_COST_MAP": "False"}))
    assert environ_of(project)["LITELLM_LOCAL_MODEL_COST_MAP"] == "False"


def test_master_key_of_the_shell(project: Project) -> None:
    run = project.up(env={"LITELLM_MASTER_KEY": "sk-from-the-shell-0123456789"})
    project.ready(run)
    assert environ_of(project)["LITELLM_MASTER_KEY"] == "sk-from-the-shell-0123456789"
    assert "Bearer $LITELLM_MASTER_KEY" in run.output()
    assert "sk-from" not in run.output()
    assert not (project.state / "master_key").exists()


def test_master_key_of_dotenv(project: Project) -> None:
    """The shell that the line is pasted into does not know it, so it is read from a file."""
    (project.root / ".env").write_text("LITELLM_MASTER_KEY=sk-from-dotenv-0123456789\n")
    run = project.up()
    project.ready(run)
    assert environ_of(project)["LITELLM_MASTER_KEY"] == "sk-from-dotenv-0123456789"
    assert (project.state / "master_key").read_text().strip() == "sk-from-dotenv-0123456789"
    assert "$(cat .modelctl/master_key)" in run.output()
    assert "sk-from" not in run.output()


def test_token_of_dotenv_opens_the_server(project: Project) -> None:
    (project.root / ".env").write_text("MODELCTL_TOKEN=ada:from-dotenv\n")
    project.ready(project.up("--host", "0.0.0.0"))


def test_logs_of_the_last_run_are_kept(project: Project) -> None:
    (project.state / "litellm-1.log").write_text("the last run\n")
    project.ready(project.up())
    assert (project.state / "litellm-1.log.1").read_text() == "the last run\n"
    assert "the last run" not in (project.state / "litellm-1.log").read_text()


def test_a_worker_that_still_imports_litellm_ends_at_once(tmp_path: Path) -> None:
    """Else the children of a killed `up` hold its ports for as long as LiteLLM takes to boot."""
    with listen() as bound:
        fd = bound.fileno()
        command = [sys.executable, "-X", "importtime", "-m", "modelctl.worker", "--fd", str(fd)]
        with (tmp_path / "imports").open("wb") as imports:
            worker = subprocess.Popen(command, pass_fds=(fd,), stderr=imports, stdout=imports)
        said = tmp_path / "imports"
        try:
            wait_until(lambda: " litellm." in said.read_text(errors="replace"), "it imports LiteLLM", 60)
            worker.send_signal(signal.SIGTERM)
            assert worker.wait(60) == 0
        finally:
            worker.kill()
    assert "litellm.proxy.proxy_server\n" not in said.read_text(errors="replace")  # a line stands for a finished import
