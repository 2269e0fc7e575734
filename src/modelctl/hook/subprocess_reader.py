"""Work that must not stand in the way of requests: in a thread, or in a process of its own."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TypeVar

from modelctl.errors import ModelctlError
from modelctl.state.config_message import MARK, ConfigMessage, unpack

T = TypeVar("T")
CHILD_LIMIT = 60.0  # seconds


def aside(work: Callable[[], T]) -> Future[T]:
    """In a thread that the end of the process does not wait for."""
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=run, name="modelctl", daemon=True).start()
    return future


def read_in_child(path: Path) -> ConfigMessage:
    """Parse and check outside this process. Raises `ModelctlError` when the child fails or hangs."""
    # -P: a yaml.py in LiteLLM's working folder is not ours.
    command = [sys.executable, "-P", "-m", "modelctl.configfile", str(path)]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=CHILD_LIMIT)
        return unpack(done.stdout)
    except subprocess.TimeoutExpired:
        raise ModelctlError(f"cannot check {path}: not done within {CHILD_LIMIT:g} s") from None
    except OSError as error:
        raise ModelctlError(f"cannot check {path}: {error}") from None
    except ValueError:
        raise ModelctlError(f"cannot check {path}: {_last_line(done)}") from None


class Child:
    """A process that stays and reads one config again and again, so that an edit costs no start of Python."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - as long as the worker
        self._process: subprocess.Popen[bytes] | None = None

    def read(self, taken: str = "") -> ConfigMessage:
        """As `read_in_child`, and compared with the content that was taken last; one that has failed is started anew
        the next time."""
        with self._lock:
            try:
                return unpack(self._ask(self._running(), taken))
            except (OSError, ValueError) as error:
                raise ModelctlError(f"cannot check {self._path}: {self._ended(error)}") from None

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            command = [sys.executable, "-P", "-m", "modelctl.configfile", "--stay", str(self._path)]
            self._errors.truncate(0)
            pipe = subprocess.PIPE
            self._process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=self._errors, bufsize=0)
        return self._process

    def _ask(self, process: subprocess.Popen[bytes], taken: str) -> bytes:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(f"{taken}\n".encode())
        poll, output, end = select.poll(), b"", time.monotonic() + CHILD_LIMIT
        poll.register(process.stdout, select.POLLIN)
        while output.count(MARK) < 2:
            if not poll.poll(max(0.0, end - time.monotonic()) * 1000):
                raise TimeoutError
            more = os.read(process.stdout.fileno(), 1 << 20)
            if not more:
                raise ValueError
            output += more
        return output

    def _ended(self, error: Exception) -> str:
        process, self._process = self._process, None
        if process is None:
            return str(error)  # it could not be started
        if isinstance(error, TimeoutError):
            process.kill()
        code = process.wait()
        self._errors.seek(0)
        return (
            f"not done within {CHILD_LIMIT:g} s" if isinstance(error, TimeoutError) else _end(code, self._errors.read())
        )


def _last_line(done: subprocess.CompletedProcess[bytes]) -> str:
    return _end(done.returncode, done.stderr)


def _end(code: int, errors: bytes) -> str:
    """An exception's name is enough: its text might repeat what the file says."""
    lines = errors.decode(errors="replace").strip().splitlines()
    return f"the check ended with {code} ({lines[-1].split(':')[0][:80] if lines else 'no word'})"
