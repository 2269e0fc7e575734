"""The lock that makes one `up` the only one in its project."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from modelctl.errors import ModelctlError


def take(state: Path) -> int:
    """Held until this process ends, however it ends. Raises ModelctlError when another `up` has it."""
    handle = os.open(state / "up.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        pid = os.read(handle, 32).decode("ascii", "replace").strip()
        os.close(handle)
        who = f" (pid {pid})" if pid else ""
        raise ModelctlError(
            f"`modelctl up` already runs in this project{who}", hint="modelctl status, or pass another --state DIR"
        ) from None
    os.ftruncate(handle, 0)
    os.write(handle, f"{os.getpid()}\n".encode())
    return handle
