"""`python -m support.busy COMMAND...`: run it beside one busy process a core, and end as it ends."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

# It ends with us: its end of the pipe says so, however we ended.
COMPUTE = """
import sys, threading
threading.Thread(target=lambda: all(True for _ in iter(int, 1)), daemon=True).start()
sys.stdin.read()
"""


@contextmanager
def busy_cores(count: int) -> Iterator[None]:
    burners = [subprocess.Popen([sys.executable, "-c", COMPUTE], stdin=subprocess.PIPE) for _ in range(count)]
    try:
        yield
    finally:
        for each in burners:
            each.communicate()


def main(command: list[str]) -> int:
    with busy_cores(len(os.sched_getaffinity(0))):
        return subprocess.run(command).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
