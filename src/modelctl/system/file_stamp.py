"""What a file looks like without being read, and when an equal look proves equal content.

Two writes within one tick of a file system's clock look the same: see `glance`.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

COARSE_NS = 3_000_000_000  # the longest tick: FAT has two seconds, some servers one
FINE_S = 0.1  # the tick of all file systems that keep parts of a second is shorter
_SECOND_NS = 1_000_000_000


Stamp = tuple[int, ...]  # a FileStamp, also after a trip through JSON; () where no file can be looked at


class FileStamp(NamedTuple):
    """Changes whenever the file does, also when another is renamed or linked into its place."""

    mtime_ns: int
    ctime_ns: int
    size: int
    inode: int
    device: int

    @property
    def moved_ns(self) -> int:
        """When the file was last touched in any way, by the file system's clock."""
        return max(self.mtime_ns, self.ctime_ns)


def stamp_of(status: os.stat_result) -> FileStamp:
    return FileStamp(status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino, status.st_dev)


def stamp(path: str | Path) -> Stamp:
    try:
        return stamp_of(os.stat(path))  # noqa: PTH116  (looked at many times a second)
    except (OSError, ValueError):
        return ()


@dataclass(frozen=True, slots=True)
class Glance:
    """`since`: when a file was first seen to look so (monotonic seconds).

    `certain`: what is read of it now, or was read under a glance like this, stays as long as it looks so.
    """

    look: FileStamp
    since: float
    certain: bool


def glance(status: os.stat_result, before: Glance | None) -> Glance:
    """`before` itself where the content is proved to be what it was then: nothing need be read again.

    `before` is the last glance at this file. Reading comes after it: what is written then looks different.
    """
    look = stamp_of(status)
    if before and before.look == look:
        if before.certain:
            return before
        since = before.since
    else:
        since = time.monotonic()
    # How long it has looked so is counted by our own clock where that is enough: a server's may be another.
    fine = status.st_ctime_ns % _SECOND_NS != 0 and time.monotonic() - since >= FINE_S
    old = time.time_ns() - look.moved_ns >= COARSE_NS
    return Glance(look, since, fine or old)
