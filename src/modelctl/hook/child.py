"""Work that must not stand in the way of requests: in a thread, or in a process of its own."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TypeVar

from modelctl.errors import ModelctlError
from modelctl.handover import Handover, unpack

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


def read_in_child(path: Path) -> Handover:
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


def _last_line(done: subprocess.CompletedProcess[bytes]) -> str:
    """An exception's name is enough: its text might repeat what the file says."""
    lines = done.stderr.decode(errors="replace").strip().splitlines()
    return f"the check ended with {done.returncode} ({lines[-1].split(':')[0][:80] if lines else 'no word'})"
