"""Child processes that end with the test run, whatever happens to it.

Each child leads a process group of its own, so that its children end with it. A watchdog process
holds a pipe to the test run; when that breaks (also by kill -9) it ends every group still noted.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

T = TypeVar("T")

WATCHDOG = """
import os, signal, sys
groups = set()
signal.signal(signal.SIGINT, signal.SIG_IGN)
signal.signal(signal.SIGTERM, signal.SIG_IGN)
for line in sys.stdin:
    (groups.add if line[0] == "+" else groups.discard)(int(line[1:]))
for group in groups:
    try:
        os.killpg(group, signal.SIGKILL)
    except ProcessLookupError:
        pass
"""


class _Watchdog:
    def __init__(self) -> None:
        command = [sys.executable, "-S", "-c", WATCHDOG]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, text=True, start_new_session=True)

    def note(self, sign: str, group: int) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{sign}{group}\n")
        self._process.stdin.flush()


class Started(Protocol):
    """What is used of `subprocess.Popen`."""

    @property
    def pid(self) -> int: ...
    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int: ...
    def send_signal(self, sig: int, /) -> None: ...


_watchdog: _Watchdog | None = None
_running: set[Process] = set()


class Process:
    """A program under a name, its output in `log`. `pid` is the program's own."""

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        log: Path,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        pass_fds: Sequence[int] = (),
    ) -> None:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            popen = subprocess.Popen(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=None if env is None else dict(env),
                cwd=cwd,
                pass_fds=tuple(pass_fds),
                start_new_session=True,
            )
        self._adopt(name, popen, log)

    def _adopt(self, name: str, started: Started, log: Path) -> None:
        """It is this process from now on, and ends with the test run."""
        global _watchdog
        _watchdog = _watchdog or _Watchdog()
        self.name, self.log, self._popen, self.pid = name, log, started, started.pid
        _watchdog.note("+", self.pid)
        _running.add(self)

    @property
    def alive(self) -> bool:
        return self._popen.poll() is None

    @property
    def returncode(self) -> int | None:
        return self._popen.poll()

    def output(self) -> str:
        """Everything that it has printed so far."""
        return self.log.read_text(errors="replace")

    def wait_for(self, condition: Callable[[], T], what: str, timeout: float, every: float = 0.05) -> T:
        """Like `wait_until`, but a death of the process ends the wait at once; the log is in the message."""
        end = time.monotonic() + timeout
        while True:
            if not self.alive:
                raise AssertionError(f"{self.name} ended with {self.returncode} before: {what}\n{self.tail()}")
            answer = condition()
            if answer:
                return answer
            if time.monotonic() >= end:
                raise AssertionError(f"{self.name}: not within {timeout:g} s: {what}\n{self.tail()}")
            time.sleep(every)

    def tail(self, lines: int = 40) -> str:
        return "\n".join(self.output().splitlines()[-lines:])

    def send(self, sign: signal.Signals) -> None:
        """To the program alone, not to its children."""
        self._popen.send_signal(sign)

    def wait(self, timeout: float = 15.0) -> int:
        return self._popen.wait(timeout)

    def kill(self) -> None:
        """kill -9 of the program and all its children, and wait until none is left."""
        self.stop(grace=0)

    def stop(self, grace: float = 10.0) -> None:
        """SIGTERM to the group; who is left after `grace` seconds is killed. Harmless to repeat."""
        if self not in _running:
            return
        if grace and self.alive:
            self._signal(signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._popen.wait(grace)
        self._signal(signal.SIGKILL)
        self._popen.wait()
        end = time.monotonic() + 5
        while self._signal(signal.SIGKILL) and time.monotonic() < end:
            time.sleep(0.01)  # orphans of the group until init has reaped them
        _running.discard(self)
        if _watchdog:
            _watchdog.note("-", self.pid)

    def _signal(self, sign: signal.Signals) -> bool:
        """False when the group is empty."""
        try:
            os.killpg(self.pid, sign)
        except (ProcessLookupError, PermissionError):
            return False
        return True


@atexit.register
def stop_all() -> None:
    for process in list(_running):
        process.stop(grace=2)


def listen() -> socket.socket:
    """A listening socket on a free loopback port, to be inherited by a child."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=512)
    listener.set_inheritable(True)
    return listener


def free_port() -> int:
    """A port that was free a moment ago, for programs that cannot inherit a socket."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
