"""A 16-byte file that says "something changed" for the price of a memory read.

Inside a busy worker a system call through Python costs a turn of the GIL (5 ms where another thread
computes), so the read goes through C without letting go of it. Not through mapped memory: whoever
copies a backup over the file truncates it first, and a reader of the mapping dies of SIGBUS.
The file only hurries readers on: whoever misses a ring still finds the change at its next full look.
"""

from __future__ import annotations

import ctypes
import os
import struct
import weakref
from contextlib import suppress
from pathlib import Path

_BOTH = struct.Struct("<QQ")
_SLOT = struct.Struct("<Q")
HEAD, WORKERS = 0, 8

_libc = ctypes.CDLL(None)
_IN_MODIFY = 2
_pread = ctypes.PyDLL(None).pread  # PyDLL: the one kind that keeps the GIL
_pread.argtypes = [ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_long]
_pread.restype = ctypes.c_ssize_t


class Bell:
    """Raises OSError where the file cannot be opened; reading and ringing never raise."""

    def __init__(self, path: Path) -> None:
        self._handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        if os.fstat(self._handle).st_size < _BOTH.size:
            os.ftruncate(self._handle, _BOTH.size)
        self._last = (0, 0)
        # Threads share it: copying and unpacking are one step each, and who comes between brings what is newer.
        self._room = ctypes.create_string_buffer(_BOTH.size)
        self._at = ctypes.c_void_p(ctypes.addressof(self._room))
        self._path = path
        self._wakes: int | None = None
        self._closing = weakref.finalize(self, os.close, self._handle)  # also where nobody closes it

    def ring(self, slot: int, value: int) -> None:
        with suppress(OSError):  # a full disk under a truncated file: the commit itself is already safe
            os.pwrite(self._handle, _SLOT.pack(value), slot)

    def read(self) -> tuple[int, int]:
        """The two counters; the previous values while somebody is replacing the content."""
        if _pread(self._handle, self._at, _BOTH.size, 0) == _BOTH.size:
            self._last = _BOTH.unpack_from(self._room)
        return self._last

    def wakes(self) -> int | None:
        """A descriptor that can be read from after a ring; None where the system tells nobody. Closed with the bell."""
        if self._wakes is None and (watching := watch(self._path)) is not None:
            self._wakes = watching
            self._unwatch = weakref.finalize(self, os.close, watching)
        return self._wakes

    def close(self) -> None:
        """What is read later is what was read last: a number that is closed may belong to another file soon."""
        self._handle = -1
        self._closing()
        if self._wakes is not None:
            self._wakes = None
            self._unwatch()


def watch(path: Path) -> int | None:
    """An inotify descriptor that can be read from after each write into the file; None where there is none to be had.

    Two calls of libc: what libraries for it add is the parsing of events, and any event means the same here.
    """
    try:
        handle = int(_libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC))
    except AttributeError:  # no Linux
        return None
    if handle >= 0 and _libc.inotify_add_watch(handle, os.fsencode(path), _IN_MODIFY) < 0:
        os.close(handle)
        return None
    return handle if handle >= 0 else None
