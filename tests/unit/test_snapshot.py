"""Which workers count as there: by their words where that is all there is, by their process where it can be seen."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest

from modelctl.service.snapshot import GONE_AFTER_S, NAMED_S, Snapshot, living, silent
from modelctl.state.selection import Head, Worker
from modelctl.store import worker_process

NOW = 1_800_000_000.0
HERE = Worker("w", os.getpid(), socket.gethostname(), version=3, namespace=worker_process.namespace())
AWAY = replace(HERE, host="another-host")
NEIGHBOUR = replace(HERE, pid=2**22 + 1, namespace=1)  # a container beside ours: same hostname, other pids


@pytest.fixture
def child() -> Iterator[subprocess.Popen[bytes]]:
    started = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    yield started
    started.kill()
    started.communicate()


def at(worker: Worker, silent: float) -> Worker:
    return replace(worker, at=NOW - silent)


@pytest.mark.parametrize("worker", [HERE, AWAY, NEIGHBOUR], ids=["here", "away", "neighbour"])
def test_who_spoke_lately_lives(worker: Worker) -> None:
    assert living([at(worker, 2)], NOW) == (at(worker, 2),)


@pytest.mark.parametrize("worker", [AWAY, NEIGHBOUR], ids=["away", "neighbour"])
def test_silence_is_the_end_of_those_who_cannot_be_seen(worker: Worker) -> None:
    assert living([at(worker, GONE_AFTER_S + 1)], NOW) == ()


def test_who_fell_silent_elsewhere_is_named_for_a_while() -> None:
    rows = [at(worker, 30) for worker in (HERE, AWAY, NEIGHBOUR)]
    assert silent(rows, NOW) == (rows[1], rows[2])
    assert silent([at(AWAY, 2), at(AWAY, NAMED_S + 1)], NOW) == ()


def test_who_hangs_is_kept_and_lacking() -> None:
    (said,) = living([at(HERE, 14)], NOW)
    assert said.error == "silent for 14 s"
    assert Snapshot(Head(3, "r"), None, (said,), NOW).lacking == [said]
    (said,) = living([replace(at(HERE, 14), error="no such provider")], NOW)
    assert said.error == "silent for 14 s; before: no such provider"


def test_a_process_that_ended_is_gone_at_once(child: subprocess.Popen[bytes]) -> None:
    worker = at(replace(HERE, pid=child.pid, born=worker_process.born(child.pid)), 1)
    assert living([worker], NOW) == (worker,)
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    if worker_process.namespace() is not None:
        assert living([worker], NOW) == ()  # a zombie: nobody has waited for it yet
    child.wait()
    assert living([worker], NOW) == ()


def test_a_pid_that_another_process_was_given_is_not_the_worker() -> None:
    born = worker_process.born(os.getpid())
    assert (born is None) == (worker_process.namespace() is None)  # only Linux tells when a process began
    assert living([at(replace(HERE, born=born), 14)], NOW)
    another = living([at(replace(HERE, born=(born or 0) - 100), 14)], NOW)
    assert (another == ()) == (born is not None)


UNSHARE = ("unshare", "--user", "--map-root-user", "--pid", "--fork", "--mount-proc")
if shutil.which("unshare") and subprocess.run([*UNSHARE, "true"], capture_output=True).returncode == 0:

    def test_a_real_pid_namespace_of_its_own() -> None:
        """Where the kernel lets us make one."""
        look = "from modelctl.store import worker_process; print(worker_process.namespace())"
        done = subprocess.run([*UNSHARE, sys.executable, "-c", look], capture_output=True, text=True, check=True)
        assert int(done.stdout) != worker_process.namespace()
