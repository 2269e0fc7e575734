"""docs/usage.md: its commands work as written, and what it names is there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from modelctl.service.usage_figures import COLUMNS
from modelctl.service.webhook import Webhook
from modelctl.state.request_record import RequestOrigin, RequestRecord
from modelctl.store.request_store import RequestStore
from modelctl.store.usage_store import DIMENSIONS
from modelctl.usage.figures import CLASSES
from support.api_server import Plane, write_catalog

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "usage.md").read_text(encoding="utf-8")
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = [*re.findall(r"^```sh\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)]
BLOCKS += re.findall(r"^```sh usage\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Plane]:
    made = Plane(write_catalog(tmp_path_factory.mktemp("usage")))
    store = RequestStore(made.settings.state)
    made.service.delivery = Webhook()
    asked = re.findall(r"^modelctl explain-request (\S+)$", TEXT, re.MULTILINE)
    store.write(
        [RequestRecord(id_, time.time(), "active", RequestOrigin("w1"), "cached") for id_ in asked], time.time()
    )
    store.close()
    yield made
    made.stop()


@pytest.mark.parametrize("line", [line for block in BLOCKS for line in block.splitlines()])
def test_command_runs_as_written(plane: Plane, line: str) -> None:
    script = line.replace("http://localhost:7777", plane.url).replace("curl -s", "curl -sf")
    env = {**os.environ, "MODELCTL_SERVER": plane.url, "NO_PROXY": "127.0.0.1"}
    env["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{env['PATH']}"
    done = subprocess.run(
        ["bash", "-euc", script], cwd=plane.catalog.parent, env=env, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_it_names_is_there(plane: Plane) -> None:
    figures = {name.partition(".")[0] for name in COLUMNS}
    table = TEXT.partition("| figure |")[2].partition("Classes of failure")[0]
    assert set(re.findall(r"`(\w+)`", table)) <= figures
    for name in (*DIMENSIONS, *CLASSES):
        assert f"`{name}`" in TEXT
    told = plane.client.get("/metrics").text
    for name in re.findall(r"`(modelctl_\w+?)(?:_total)?`", TEXT):
        assert f"# TYPE {name}" in told
