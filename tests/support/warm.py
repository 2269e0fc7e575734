"""Programs that start warm: a process that has imported modelctl (`support/warm_parent.py`) forks one for each.

It is a process like any other, with an environment, a folder, a log and an exit code of its own; only what Python
does before the first line of the program is left out, which is most of a short program's time. A test about that
(what is imported, how long a start takes) starts Python itself: `Process`.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from support.processes import Process

TESTS = Path(__file__).parents[1]


class _WarmParent:
    """The process that forks; it ends with its input, so with the test run."""

    def __init__(self) -> None:
        env = {**os.environ, "PYTHONPATH": str(TESTS)}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "support.warm_parent"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env, cwd=TESTS, start_new_session=True,
        )  # fmt: skip
        self._one_at_a_time = threading.Lock()

    def ask(self, **order: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._one_at_a_time:
            self._process.stdin.write(f"{json.dumps(order)}\n")
            self._process.stdin.flush()
            return json.loads(self._process.stdout.readline())


_parent: _WarmParent | None = None


class _Forked:
    """What a test needs of `subprocess.Popen`, for a process whose parent is not this one."""

    def __init__(self, arguments: Sequence[str], out: Path, err: Path, env: Mapping[str, str], cwd: Path) -> None:
        global _parent
        _parent = _parent or _WarmParent()
        self._parent = _parent
        self.args = arguments
        self.pid: int = self._parent.ask(
            arguments=arguments, out=str(out), err=str(err), env=dict(env), cwd=str(cwd), umask=_umask()
        )
        self.returncode: int | None = None

    def poll(self) -> int | None:
        if self.returncode is None:
            self.returncode = self._parent.ask(ended=self.pid)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        end, pause = None if timeout is None else time.monotonic() + timeout, 0.001
        while (code := self.poll()) is None:
            if end is not None and time.monotonic() >= end:
                raise subprocess.TimeoutExpired(self.args, timeout or 0)
            time.sleep(pause)
            pause = min(2 * pause, 0.02)
        return code

    def send_signal(self, sign: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, sign)


class WarmProcess(Process):
    """`python -m ARGUMENTS`; its output in `log`."""

    def __init__(
        self, name: str, arguments: Sequence[str | Path], *, log: Path, env: Mapping[str, str], cwd: Path
    ) -> None:
        log.parent.mkdir(parents=True, exist_ok=True)
        log.touch()  # the child may be a moment late, and a test reads it at once
        forked = _Forked([str(part) for part in arguments], log.absolute(), log.absolute(), env, cwd.absolute())
        self._adopt(name, forked, log)


def run_warm(
    arguments: Sequence[str | Path], *, cwd: Path, env: Mapping[str, str], timeout: float = 60
) -> tuple[int, str, str]:
    """Run `python -m ARGUMENTS` to its end: exit code, stdout, stderr."""
    with TemporaryDirectory() as folder:
        out, err = Path(folder, "out"), Path(folder, "err")
        forked = _Forked([str(part) for part in arguments], out, err, env, cwd.absolute())
        try:
            code = forked.wait(timeout)
        except subprocess.TimeoutExpired:
            os.killpg(forked.pid, signal.SIGKILL)
            forked.wait()
            raise
        return code, out.read_text(), err.read_text()


def _umask() -> int:
    umask = os.umask(0o077)
    os.umask(umask)
    return umask
