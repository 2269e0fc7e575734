"""`python -m modelctl.configfile PATH`: the child of a worker, whose event loop must never parse YAML.

A large file takes half a second and more. `modelctl.state.config_message` is what it prints. With
`--stay` it prints that for each line that it reads, and what an edit costs follows the edit.
"""

from __future__ import annotations

import os
import select
import sys
import time
from pathlib import Path
from typing import Any

from modelctl.configfile.read_config import ConfigFile, ConfigReader
from modelctl.state.config_message import ConfigMessage, encode, pack
from modelctl.system.open_for_writing import ignore_signals, is_open_for_writing

CPU_LIMIT = 60  # seconds for one reading: should the worker that asked be gone, nobody else ends us
LOOK_MS = 5000  # between two looks whether it is still there


def handover(read: ConfigFile) -> ConfigMessage:
    facts = (tuple(read.problems), read.files, read.content, read.whole)
    if read.config is None:
        return ConfigMessage(*facts)
    settings = {key: value for key, value in read.config.items() if key != "model_list"}
    closed = all(is_open_for_writing(path) is False for path in read.files)
    names = tuple(read.each(_name))
    return ConfigMessage(*facts, settings, tuple(read.digests), tuple(read.each(encode)), names, closed)


def _name(entry: Any) -> str:
    return str(entry.get("model_name")) if isinstance(entry, dict) else ""


def main(path: str, *, stay: bool = False) -> None:
    ignore_signals()
    reader, parent = ConfigReader(), os.getppid()
    while not stay or _asked(parent):
        _limit()
        sys.stdout.buffer.write(pack(handover(reader.read(Path(path)))))
        sys.stdout.buffer.flush()
        if not stay:
            return


def _asked(parent: int) -> bool:
    """Waits for a line; False once nobody is there who might send one.

    The end of the pipe does not always tell: a process that the worker forks holds it open.
    """
    poll = select.poll()
    poll.register(sys.stdin, select.POLLIN)
    while not poll.poll(LOOK_MS):
        if os.getppid() != parent:
            return False
    return bool(sys.stdin.buffer.readline())


def _limit() -> None:
    try:
        import resource
    except ImportError:  # not on Windows
        return
    used, hard = int(time.process_time()), resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (used + CPU_LIMIT, hard))


if __name__ == "__main__":
    main(sys.argv[-1], stay="--stay" in sys.argv[1:-1])
