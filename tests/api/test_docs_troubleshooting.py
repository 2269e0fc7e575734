"""docs/troubleshooting.md: what it quotes is what is said, and its commands are commands."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from modelctl import project
from modelctl.cli.typer_app import application
from support.api_server import Plane, report, write_catalog

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)
LINES = [line for block in BLOCKS for line in block.splitlines()]
STARTS = ("modelctl up", "modelctl restart")  # processes, which tests of their own start
COMMANDS = [line for line in LINES if not line.startswith(("export ", *STARTS))]
SOURCES = [path for path in (ROOT / "src").rglob("*") if path.suffix in (".py", ".js", ".ts", ".tsx")]


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    made = Plane(write_catalog(tmp_path_factory.mktemp("trouble")))
    report(made.store, "w1")
    yield made
    made.stop()


@pytest.mark.parametrize("line", COMMANDS)
def test_command_runs_as_written(plane: Plane, line: str) -> None:
    """Against a control plane of the test's; an address of the page's is that one's."""
    script = line.replace("http://localhost:7777", plane.url)
    env = {**os.environ, "MODELCTL_SERVER": plane.url, "ACME_KEY": "set", "NO_PROXY": "127.0.0.1"}
    env["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{env['PATH']}"
    done = subprocess.run(
        ["bash", "-euc", script], cwd=plane.catalog.parent, env=env, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "traceback" not in done.stderr.lower()


@pytest.mark.parametrize("line", [line for line in LINES if line.startswith(STARTS)])
def test_what_starts_something_takes_these_options(line: str) -> None:
    _, name, *options = shlex.split(line)
    command = next(
        each for each in application().registered_commands if each.callback and each.callback.__name__ == name
    )
    known = {f"--{parameter.replace('_', '-')}" for parameter in command.callback.__annotations__}
    assert {each for each in options if each.startswith("--")} <= known


@pytest.mark.parametrize("line", [line for line in LINES if line.startswith("export ")])
def test_a_variable_is_one_that_is_read(line: str) -> None:
    name = line.removeprefix("export ").partition("=")[0]
    assert any(name in path.read_text(encoding="utf-8") for path in SOURCES)


def test_variables_of_the_page_mean_what_it_says(tmp_path: Path) -> None:
    named = dict(line.removeprefix("export ").split("=", 1) for line in LINES if line.startswith("export "))
    found = project.resolve(tmp_path / "catalog", environ=named)
    assert found.cors_origins == ("https://chat.example.com", "http://localhost:3000")
    assert found.server == "http://127.0.0.1:7777"
    assert named[project.DEMO_URL].endswith(project.DEMO_PATH)


@pytest.mark.parametrize(
    "words",
    [
        "Loading models…", "No models", "is not set on the workers", "is in use", "already runs in this project",
        "does not answer", "not set", "restart needed for", "control.log",
    ],
)  # fmt: skip
def test_symptoms_are_quoted_as_they_are_said(words: str) -> None:
    said = words.removeprefix("is not set on the workers") or "not set on the workers"
    assert words in TEXT or said in TEXT
    assert any(said in path.read_text(encoding="utf-8") for path in SOURCES)


def test_it_is_found() -> None:
    assert "docs/troubleshooting.md" in (ROOT / "README.md").read_text(encoding="utf-8")
