"""Whether a program has a file open for writing, where the system can tell."""

from __future__ import annotations

import fcntl
import os
import signal
from contextlib import suppress


def is_open_for_writing(path: str) -> bool | None:
    """By asking Linux for a read lease, which it grants only where nobody writes. None where nobody can tell.

    Who opens the file in the moment that we hold the lease waits for it, a few microseconds, and we are sent
    SIGIO (see `ignore_signals`).
    """
    if not hasattr(fcntl, "F_SETLEASE") or signal.getsignal(signal.SIGIO) is not signal.SIG_IGN:
        return None
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except BlockingIOError:
        return True
    except OSError:
        return None  # another user's file, a network file system
    finally:
        os.close(handle)
    return False


def ignore_signals() -> None:
    """SIGIO ends a process that does not expect it. Only in the main thread; elsewhere nothing is asked."""
    with suppress(ValueError):
        signal.signal(signal.SIGIO, signal.SIG_IGN)
