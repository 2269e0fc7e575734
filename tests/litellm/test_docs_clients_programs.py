"""docs/clients.md: its programs, run against a real LiteLLM."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from test_clients_ask import NODE, bare, client, project, words_of

from support.litellm_stack import Stack
from support.node import node_folder

PAGE = (Path(__file__).parents[2] / "docs" / "clients.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)

__all__ = ["project"]


def blocks(kind: str) -> list[str]:
    return [text for each, text in BLOCKS if each == kind]


@pytest.mark.parametrize("number", range(len(blocks("python"))))
def test_python_runs(stack: Stack, project: Path, number: int) -> None:
    program = blocks("python")[number]
    assert run([sys.executable, "-c", program], stack, project, project) == (
        words_of("alpha") if "print" in program else ""
    )


def test_javascript_runs(stack: Stack, project: Path) -> None:
    (program,) = blocks("js")
    command = [str(node_folder() / "node"), "--input-type=module", "-e", program]
    assert run(command, stack, project, NODE) == words_of("alpha")


def run(command: list[str], stack: Stack, project: Path, folder: Path) -> str:
    """What it prints, started as the page says."""
    lines = client(stack, project, "env")
    env = bare(project, MODELCTL_PROXY=stack.proxy.url, MODELCTL_STATE=str(stack.state), AGNO_TELEMETRY="false")
    script = ["bash", "-c", f'{lines}\nexec "$@"', "bash", *command]
    done = subprocess.run(script, env=env, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
