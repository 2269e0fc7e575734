"""Dockerfile, compose.yaml and the systemd unit: they say what exists, and what they run is run here."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from fnmatch import fnmatch
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import packages_distributions, requires
from pathlib import Path

import grimp
import pytest
from packaging.requirements import Requirement

from support.cli import called
from support.deploy_files import IMAGE, ROOT, UNIT, compose, copied, exec_form, instructions, last, unit

DEPLOYED = [ROOT / "Dockerfile", ROOT / "compose.yaml", ROOT / ".dockerignore", *(ROOT / "deploy").rglob("*.*")]


def accepted(words: list[str], tmp_path: Path) -> bool:
    """Whether our program knows each option of a command line: all are read before `--help` is."""
    return called(*words, "--help", cwd=tmp_path).code == 0


def test_an_option_that_is_none_is_found_out(tmp_path: Path) -> None:
    assert not accepted(["serve", "--no-such-option"], tmp_path)


def test_no_file_names_a_registry() -> None:
    hosts = re.compile(r"\b(?:ghcr|quay|docker|gcr|registry|pypi)[\w.-]*\.(?:io|org|com)\b")
    assert [str(path) for path in DEPLOYED if hosts.search(path.read_text())] == []


# -- the image ---------------------------------------------------------------------------------


def test_image_from_a_plain_name_of_one_version() -> None:
    bases = [rest.split()[0] for name, rest in instructions() if name == "FROM"]
    assert set(bases) == {"python:3.12-slim"}
    assert all(IMAGE.fullmatch(base) for base in bases)


def test_image_runs_as_nobody_special_and_writes_to_the_state_alone() -> None:
    assert last("USER") == "10001:10001"
    assert last("VOLUME") == "/state"
    names = [name for name, _ in instructions()]
    assert "ADD" not in names
    assert len(names) - names[::-1].index("RUN") < names.index("USER"), "nothing is run after USER"
    assert "HOME=/tmp" in last("ENV")


def test_image_runs_the_control_plane(tmp_path: Path) -> None:
    assert exec_form(last("ENTRYPOINT")) == ["modelctl"]
    assert accepted(exec_form(last("CMD")), tmp_path)


def test_image_is_built_from_what_is_there(tmp_path: Path) -> None:
    """The wheel is built from those files alone that the Dockerfile copies and .dockerignore lets through."""
    rules = (ROOT / ".dockerignore").read_text().split()
    for name in copied():
        assert any(fnmatch(name, rule[1:]) for rule in rules if rule.startswith("!")), f"{name} is ignored"
        source = ROOT / name
        leave = shutil.ignore_patterns("__pycache__")
        if source.is_dir():
            shutil.copytree(source, tmp_path / name, ignore=leave, dirs_exist_ok=True)
        else:
            shutil.copy(source, tmp_path / name)
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", ".", "-w", "dist"]
    subprocess.run(command, cwd=tmp_path, check=True, timeout=120)
    (wheel,) = (tmp_path / "dist").iterdir()
    names = zipfile.ZipFile(wheel).namelist()
    assert {"modelctl/hook/__init__.py", "modelctl/shipped/catalog/routes.yaml", "modelctl/web/app.js"} <= set(names)


# -- checks of health --------------------------------------------------------------------------


class Answering(BaseHTTPRequestHandler):
    status = 200

    def do_GET(self) -> None:
        self.send_response(self.status)
        self.end_headers()

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def port() -> Iterator[int]:
    server = HTTPServer(("127.0.0.1", 0), Answering)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


HEALTH = [exec_form(last("HEALTHCHECK")), compose()["services"]["litellm"]["healthcheck"]["test"][1:]]


@pytest.mark.parametrize("command", HEALTH, ids=["image", "litellm"])
@pytest.mark.parametrize("status", [200, 503])
def test_health_by_the_status(command: list[str], status: int, port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Answering, "status", status)
    here = [re.sub(r"127\.0\.0\.1:\d+", f"127.0.0.1:{port}", word) for word in command]
    ran = subprocess.run([sys.executable, *here[1:]], capture_output=True, timeout=30)
    assert (ran.returncode == 0) == (status == 200)


# -- compose -----------------------------------------------------------------------------------


def test_compose_names_what_it_has() -> None:
    found = compose()
    assert set(found) == {"services", "volumes"}
    for name, service in found["services"].items():
        assert IMAGE.fullmatch(service["image"]), name
        assert set(service.get("depends_on", {})) <= set(found["services"])
        for volume in service["volumes"]:
            source = volume.split(":")[0]
            assert (ROOT / source).exists() if source.startswith("./") else source in found["volumes"]


@pytest.mark.parametrize("name", ["control", "litellm"])
def test_compose_lets_no_service_do_more_than_it_must(name: str) -> None:
    service = compose()["services"][name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])
    assert not service.get("privileged")


def test_compose_shares_one_state_and_the_hook() -> None:
    services = compose()["services"]
    assert "state:/state" in services["control"]["volumes"]
    assert "state:/state" in services["litellm"]["volumes"]
    assert services["litellm"]["environment"]["MODELCTL_STATE"] == "/state"
    assert services["litellm"]["environment"]["PYTHONPATH"] == "/hook"
    assert services["litellm"]["user"] == last("USER"), "both read what the other writes"


# -- systemd -----------------------------------------------------------------------------------


def test_unit_runs_what_there_is(tmp_path: Path) -> None:
    (start,) = unit()["ExecStart"]
    program, *words = shlex.split(start)
    assert Path(program).name == "modelctl"
    assert accepted(words, tmp_path)


def test_unit_is_hardened() -> None:
    said = unit()
    wanted = {
        "NoNewPrivileges": "true", "ProtectSystem": "strict", "ProtectHome": "true", "CapabilityBoundingSet": "",
        "UMask": "0077", "StateDirectoryMode": "0700", "RestrictNamespaces": "true", "User": "modelctl",
    }  # fmt: skip
    assert {name: said[name] for name in wanted} == {name: [value] for name, value in wanted.items()}
    assert "AF_NETLINK" in said["RestrictAddressFamilies"][0], "who is at the other end is asked of the kernel"


def test_unit_as_systemd_reads_it(tmp_path: Path) -> None:
    """Where systemd is: it finds nothing to say, and calls the exposure low. Elsewhere the keys are at least whole."""
    assert {"ExecStart", "ExecReload", "WantedBy"} <= set(unit())
    if not shutil.which("systemd-analyze"):
        return
    copy = tmp_path / UNIT.name
    copy.write_text(
        re.sub(r"/opt/modelctl/bin/modelctl", "/bin/true", UNIT.read_text()).replace("=modelctl\n", "=root\n")
    )
    ran = subprocess.run(["systemd-analyze", "verify", copy], capture_output=True, text=True, timeout=60)
    assert ran.stderr == ""
    command = ["systemd-analyze", "security", "--offline=yes", "--no-pager", UNIT]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60)
    level = re.search(r"exposure level for \S+: ([\d.]+)", ran.stdout)
    assert level is not None, ran.stdout + ran.stderr
    assert float(level[1]) < 2.5


# -- the hook in another LiteLLM's image -------------------------------------------------------


def test_what_the_hook_imports_comes_with_litellm() -> None:
    """In an official image nothing is installed: the folder /hook is all that comes along."""
    graph = grimp.build_graph("modelctl", include_external_packages=True, cache_dir=None)
    inside = {"modelctl.hook", *graph.find_descendants("modelctl.hook")}
    reached = inside | {each for module in inside for each in graph.find_upstream_modules(module)}
    outside = {name.split(".")[0] for name in reached} - {"modelctl"} - set(sys.stdlib_module_names)
    known = packages_distributions()
    needed = {_plain(each) for name in outside for each in known[name]}
    (line,) = re.findall(r"--no-deps --target /hook \. (.*)", (ROOT / "Dockerfile").read_text())
    along = set(line.split())
    assert needed - _closure("litellm", "proxy") <= along
    assert along == set().union(*map(_closure, needed & along)), "they bring what they need"


def _closure(name: str, extra: str = "") -> set[str]:
    found, left = {_plain(name)}, [(name, extra)]
    while left:
        each, with_extra = left.pop()
        for text in _requires(each):
            needed = Requirement(text)
            if needed.marker is None or needed.marker.evaluate({"extra": with_extra}):
                plain = _plain(needed.name)
                if plain not in found:
                    found.add(plain)
                    left.append((needed.name, ""))
    return found


def _requires(name: str) -> list[str]:
    try:
        return requires(name) or []
    except ModuleNotFoundError:
        return []


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
