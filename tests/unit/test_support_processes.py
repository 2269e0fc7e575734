"""The harness itself: what it starts ends, also when the test run is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from support.processes import Process
from support.waiting import wait_until

FAMILY = """
import subprocess, sys, time
deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
child = subprocess.Popen([sys.executable, "-c", deaf])
print(child.pid, flush=True)
time.sleep(600)
"""

RUN = """
import sys, time
from pathlib import Path
from support.processes import Process
process = Process("family", [sys.executable, "-c", sys.argv[2]], log=Path(sys.argv[1]))
time.sleep(600)
"""


def test_stop_ends_the_whole_family(tmp_path: Path) -> None:
    process = Process("family", [sys.executable, "-c", FAMILY], log=tmp_path / "log")
    child = int(process.wait_for(process.output, "the child's pid", 10))
    process.stop(grace=0.2)
    assert not running(process.pid)
    wait_until(lambda: not running(child), "the grandchild is gone")


def test_killed_test_run_leaves_nothing(tmp_path: Path) -> None:
    log = tmp_path / "log"
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])}
    run = subprocess.Popen([sys.executable, "-c", RUN, log, FAMILY], env=env)
    child = int(wait_until(lambda: log.exists() and log.read_text(), "the child's pid"))
    run.send_signal(signal.SIGKILL)
    run.wait()
    assert wait_until(lambda: not running(child), "the grandchild is gone")


def running(pid: int) -> bool:
    """A zombie that nobody has reaped yet does not run."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
