"""When an equal look at a file proves equal content: two writes within one tick of its clock look the same."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass

Look = tuple[int, int, int, int, int]  # mtime and ctime in ns, size, inode, device

COARSE_NS = 3_000_000_000  # the longest tick: FAT has two seconds, some servers one
FINE_S = 0.1  # the tick of all file systems that keep parts of a second is shorter
_SECOND_NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Glance:
    """`since`: when a file was first seen to look so (monotonic seconds).

    `certain`: what is read of it now, or was read under a glance like this, stays as long as it looks so.
    """

    look: Look
    since: float
    certain: bool


def glance(status: os.stat_result, before: Glance | None) -> Glance:
    """`before` is the last glance at this file. Reading comes after it: what is written then looks different."""
    look = (status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino, status.st_dev)
    if before and before.look == look:
        if before.certain:
            return before
        since = before.since
    else:
        since = time.monotonic()
    # How long it has looked so is counted by our own clock where that is enough: a server's may be another.
    fine = status.st_ctime_ns % _SECOND_NS != 0 and time.monotonic() - since >= FINE_S
    old = time.time_ns() - max(look[:2]) >= COARSE_NS
    return Glance(look, since, fine or old)
