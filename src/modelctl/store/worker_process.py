"""Whether the process that a worker's row names still lives: a pid alone does not say which one."""

from __future__ import annotations

import os
import socket
from functools import cache
from pathlib import Path


@cache
def namespace() -> int | None:
    """Where our pids count: two containers of a pod share a hostname, not their pids. None off Linux."""
    try:
        return Path("/proc/self/ns/pid").stat().st_ino
    except OSError:
        return None


def visible(host: str, pids: int | None) -> bool:
    """Whether a pid of that host and pid namespace means a process that we can see: elsewhere it is another's."""
    return host == socket.gethostname() and pids == namespace()


def born(pid: int) -> int | None:
    """When the process began, in ticks since boot; None where nobody can tell."""
    found = _stat(pid)
    return int(found[19]) if found else None


def runs(pid: int, since: int | None) -> bool:
    """Whether the process lives. `since` is its `born`: a pid that was reused by another process does not count."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        pass  # it lives, as another user
    found = _stat(pid)
    if not found:
        return True
    return found[0] != "Z" and since in (None, int(found[19]))  # a zombie only waits for its parent to notice


def _stat(pid: int) -> list[str]:
    """The fields of `/proc/PID/stat` from the state on, which comes after a name that may hold anything."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return []
