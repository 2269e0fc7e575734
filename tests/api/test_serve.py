"""`modelctl serve` as a process: what it survives, what it needs, how it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from support.api_server import ACME, write_catalog
from support.cli import call, called, program
from support.processes import Process, free_port, listen
from support.waiting import wait_until
from support.warm import WarmProcess


class Served:
    """A project folder in which `serve` is started again and again on one port."""

    def __init__(self, root: Path) -> None:
        self.root, self.port = root, free_port()
        write_catalog(root)
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=10, trust_env=False, verify=False)
        self.runs: list[Process] = []

    def start(self, *options: str, env: dict[str, str] | None = None, ready: bool = True) -> Process:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("MODELCTL_")}
        command = ["modelctl", "serve", "--port", str(self.port), *options]
        log = self.root / f"serve{len(self.runs)}.log"
        run = WarmProcess("serve", command, log=log, env={**clean, **(env or {})}, cwd=self.root)
        self.runs.append(run)
        if ready:
            run.wait_for(self.answers, "it answers", 20)
        return run

    def answers(self) -> bool:
        try:
            return self.client.get("/healthz").status_code == 200
        except httpx.TransportError:
            return False

    def current(self) -> str:
        target: str = self.client.get("/models/current").json()["target"]
        return target

    def stop(self) -> None:
        self.client.close()
        for run in self.runs:
            run.stop()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    made = Served(tmp_path)
    yield made
    made.stop()


def test_kill_9_right_after_the_answer_loses_nothing(served: Served) -> None:
    for target in ("slow", "acme-twin", "slow"):
        run = served.start()
        answer = served.client.post("/models/select", json={"model_id": target})
        run.send(signal.SIGKILL)
        assert answer.status_code == 200
        run.wait(5)
        served.client.close()
        served.client = httpx.Client(
            base_url=f"http://127.0.0.1:{served.port}", timeout=10, trust_env=False, verify=False
        )
        served.start()
        assert served.current() == target
        assert served.client.get("/history").json()[0]["version"] == answer.json()["version"]
        served.runs[-1].kill()


def test_edit_is_published_by_itself(served: Served) -> None:
    run = served.start()
    before = served.client.get("/status").json()["revision"]
    write_catalog(served.root, providers_acme=ACME.replace("output: 4", "output: 5"))
    run.wait_for(lambda: served.client.get("/status").json()["revision"] != before, "the edit is live", 10)
    write_catalog(served.root, routes="active:\n  targt: fast\n")
    run.wait_for(lambda: "catalog/routes.yaml:2:3: error[unknown-key]" in run.output(), "the problem is shown", 10)
    assert "not published: revision" in run.output()


def test_who_names_no_server_hears_of_a_stranger(
    served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The default address may be another project's; nothing is said to who names the server, or is at home."""
    served.start()
    monkeypatch.setattr("modelctl.project.PORT", served.port)
    for name in ("MODELCTL_SERVER", "MODELCTL_STATE"):
        monkeypatch.delenv(name, raising=False)
    stranger = write_catalog(tmp_path / "stranger")
    told = call("current", "--catalog", stranger)
    assert (told.code, f", not the one of {stranger}" in told.err) == (0, True)
    assert call("current", "--catalog", stranger, "--server", f"http://127.0.0.1:{served.port}").err == ""
    assert call("current", "--catalog", served.root / "catalog").err == ""


def test_broken_catalog_at_the_start_serves_what_was_published(served: Served) -> None:
    served.start().stop()
    write_catalog(served.root, routes=": [")
    served.start()
    assert served.current() == "fast"
    status = served.client.get("/status").json()
    assert [one["file"] for one in status["problems"]] == ["catalog/routes.yaml"]


def test_broken_catalog_and_nothing_published(served: Served) -> None:
    write_catalog(served.root, routes=": [")
    run = served.start()
    assert served.client.get("/models/current").status_code == 404
    assert served.client.get("/models/list").json() == []
    assert served.client.get("/readyz").status_code == 503
    write_catalog(served.root)
    run.wait_for(lambda: served.client.get("/models/current").status_code == 200, "the mended catalog is live", 10)


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_ends_though_somebody_listens(served: Served, sign: signal.Signals) -> None:
    run = served.start()
    with served.client.stream("GET", "/events") as events:
        assert next(events.iter_lines())
        run.send(sign)
        assert run.wait(60) == (0 if sign == signal.SIGTERM else 130)
    assert "Traceback" not in run.output()


def test_ends_with_its_supervisor(served: Served) -> None:
    """A supervisor that was killed passes no signal on."""
    code = "import os, subprocess, sys; os.environ['MODELCTL_PARENT'] = str(os.getpid());"
    code += "subprocess.Popen([sys.executable, '-m', 'modelctl', *sys.argv[1:]]).wait()"
    parent = Process(
        "parent", [sys.executable, "-c", code, "serve", "--port", str(served.port)],
        log=served.root / "parent.log", cwd=served.root,
    )  # fmt: skip
    served.runs.append(parent)
    parent.wait_for(served.answers, "it answers", 20)
    parent.send(signal.SIGKILL)
    parent.wait(20)
    assert wait_until(lambda: not served.answers(), "it answers no more", timeout=60)


def test_port_in_use(served: Served) -> None:
    with listen() as taken:
        ran = program("serve", "--port", str(taken.getsockname()[1]), cwd=served.root)
    assert (ran.code, "is in use by another program" in ran.err, "--port PORT" in ran.err) == (1, True, True)
    assert "Traceback" not in ran.err


def test_port_in_use_by_a_control_plane(served: Served, tmp_path: Path) -> None:
    served.start()
    for folder, whose in ((served.root, "the control plane of this catalog"), (tmp_path / "other", "of project `")):
        if folder != served.root:
            write_catalog(folder)
        ran = program("serve", "--port", str(served.port), cwd=folder)
        assert (ran.code, whose in ran.err, "--port PORT" in ran.err) == (1, True, True), ran.err


def test_open_event_streams_end_with_the_server(served: Served) -> None:
    """A stream that is cut off in the middle of a chunk is an error to whoever reads it."""
    run = served.start()
    with served.client.stream("GET", "/events") as stream:
        chunks = stream.iter_raw()
        assert b"event:" in next(chunks)
        run.send(signal.SIGTERM)
        assert b"".join(chunks) is not None
    assert run.wait(20) == 0
    assert "Traceback" not in run.output()


def test_beyond_this_machine_needs_a_token(served: Served) -> None:
    for command in ("serve", "up"):
        ran = called(command, "--host", "0.0.0.0", cwd=served.root)
        assert (ran.code, "hint: set MODELCTL_TOKEN" in ran.err) == (2, True)
    assert not (served.root / ".modelctl").exists()


@pytest.mark.parametrize("token", ["x", "ada:x,bob:a-long-secret-of-bob", "1234567"])
def test_a_token_that_can_be_guessed_is_refused(served: Served, token: str) -> None:
    for host in ("127.0.0.1", "0.0.0.0"):
        ran = called("serve", "--host", host, cwd=served.root, env={"MODELCTL_TOKEN": token})
        assert (ran.code, "of under 8 characters" in ran.err) == (2, True)


def test_token_of_dotenv(served: Served) -> None:
    (served.root / ".env").write_text("MODELCTL_TOKEN=ada:from-dotenv\n")
    served.start("--host", "0.0.0.0")
    assert served.client.post("/models/select", json={"model_id": "slow"}).status_code == 401
    headers = {"authorization": "Bearer from-dotenv"}
    assert served.client.post("/models/select", json={"model_id": "slow"}, headers=headers).status_code == 200
    assert served.client.get("/history").json()[0]["actor"] == "ada"
    assert program("current", "--server", str(served.client.base_url), cwd=served.root).out.startswith("active -> slow")


def test_without_a_catalog(tmp_path: Path) -> None:
    for command in ("serve", "up"):
        ran = called(command, cwd=tmp_path)
        assert (ran.code, "run `modelctl init`" in ran.err) == (1, True)


def test_state_folder_that_cannot_be_made(served: Served) -> None:
    (served.root / "file").write_text("")
    ran = called("serve", "--state", str(served.root / "file" / "state"), cwd=served.root)
    assert (ran.code, "cannot make the state folder" in ran.err) == (1, True)


def test_disk_full(served: Served) -> None:
    """A file may not grow any more: the answer is a 503, reads go on, and it recovers by itself."""
    run = served.start()
    subprocess.run(["prlimit", f"--pid={run.pid}", "--fsize=1:unlimited"], check=True)
    answer = served.client.post("/models/select", json={"model_id": "slow"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "store_down")
    assert served.current() == "fast"
    revision = served.client.get("/status").json()["revision"]
    write_catalog(served.root, providers_acme=ACME.replace("output: 4", "output: 5"))
    run.wait_for(lambda: _rules(served) == ["store-down"], "status says so", 10)
    subprocess.run(["prlimit", f"--pid={run.pid}", "--fsize=unlimited:unlimited"], check=True)
    run.wait_for(lambda: served.client.get("/status").json()["revision"] != revision, "the edit is live after all", 10)
    assert _rules(served) == []
    assert "Traceback" not in run.output()
    assert served.client.post("/models/select", json={"model_id": "slow"}).status_code == 200


def _rules(served: Served) -> list[str]:
    return [one["rule"] for one in served.client.get("/status").json()["problems"]]


def test_manual_publishing(served: Served) -> None:
    run = served.start("--publish", "manual")
    before = served.client.get("/status").json()["revision"]
    write_catalog(served.root, providers_acme=ACME.replace("output: 4", "output: 5"))
    run.wait_for(lambda: served.client.get("/status").json()["problems"], "the edit waits", 10)
    assert served.client.get("/status").json()["revision"] == before
    assert served.client.post("/models/refresh").json()["result"] == "published"


def test_control_plane_never_imports_litellm(served: Served) -> None:
    code = textwrap.dedent("""
        import json, sys
        import modelctl.cli.up_command, modelctl.cli.serve_command, modelctl.cli.scaffold, modelctl.supervisor.up
        from modelctl import project
        from modelctl.control_plane import serve
        from modelctl.system import state_folder
        found = project.resolve()
        state_folder.make_state(found.state)
        print(serve.make_service(found).publish().verdict)
        print(json.dumps([name for name in sys.modules if name.partition(".")[0] == "litellm"]))
    """)
    ran = subprocess.run([sys.executable, "-c", code], cwd=served.root, capture_output=True, text=True, timeout=60)
    verdict, loaded = ran.stdout.splitlines()
    assert (verdict, json.loads(loaded)) == ("published", [])


def test_what_it_keeps_is_its_owners_alone_whatever_the_umask(served: Served) -> None:
    before = os.umask(0)
    try:
        served.start(env={"MODELCTL_STORE": str(served.root / "elsewhere" / "store")})
        assert served.client.post("/models/select", json={"model_id": "slow"}).status_code == 200
        assert call("token", "add", "ana", "--state", str(served.root / ".modelctl")).code == 0
    finally:
        os.umask(before)
    folders = [served.root / ".modelctl", served.root / "elsewhere" / "store"]
    found = {path: path.stat().st_mode & 0o777 for folder in folders for path in (folder, *folder.rglob("*"))}
    open_to_others = {str(path): oct(mode) for path, mode in found.items() if mode & 0o077}
    assert open_to_others == {}
    assert {"modelctl.db", "audit.jsonl", "tokens", "bell"} <= {path.name for path in found}
