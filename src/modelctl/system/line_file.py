"""A file that lines are added to, readable by its owner alone, with a limit: full ones are kept as `.1`, `.2`, ...

Several processes may write to it. Each line is written whole or not at all.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from modelctl.system.replace_file import PRIVATE

_APPEND = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC


def add_line(path: Path, line: str, *, most: int = 5_000_000, keep: int = 5) -> None:
    """`most`: bytes of one file; `keep`: how many full ones stay. Raises OSError; then nothing was added."""
    data = f"{line}\n".encode()
    with _locked(path) as handle:
        size = os.fstat(handle).st_size
        if size and size + len(data) > most:
            _move_on(path, keep)
            return add_line(path, line, most=most, keep=keep)
        written = os.write(handle, data)
        if written < len(data):  # the disk is full: half a line would spoil the next one
            os.ftruncate(handle, size)
            raise OSError(28, "no space left on device", str(path))


@contextmanager
def _locked(path: Path) -> Iterator[int]:
    """The file that stands at `path`, also where another process moves it on just now."""
    while True:
        handle = os.open(path, _APPEND, PRIVATE)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            if not _is_at(path, handle):
                continue
            os.fchmod(handle, PRIVATE)
            yield handle
            return
        finally:
            os.close(handle)


def _is_at(path: Path, handle: int) -> bool:
    with suppress(FileNotFoundError):
        return os.path.samestat(path.lstat(), os.fstat(handle))
    return False


def _move_on(path: Path, keep: int) -> None:
    for number in range(keep, 0, -1):
        older = path.with_name(f"{path.name}.{number}")
        newer = path.with_name(f"{path.name}.{number - 1}") if number > 1 else path
        with suppress(FileNotFoundError):
            newer.replace(older)
