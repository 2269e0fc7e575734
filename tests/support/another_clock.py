"""A worker start-up hook of the tests alone: the wall clock of this process is AHEAD seconds ahead."""

from __future__ import annotations

import os
import time


def ahead() -> None:
    right, seconds = time.time, float(os.environ["AHEAD"])
    time.time = lambda: right() + seconds
