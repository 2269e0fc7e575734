"""`python -m modelctl.configfile PATH`: the child of a worker, whose event loop must never parse YAML.

A large file takes half a second and more. `modelctl.state.config_message` is what it prints. With
`--stay` it prints that for each line that it reads, and what an edit costs follows the edit. The line names the content
that the worker runs on.
"""

from __future__ import annotations

import os
import select
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from modelctl.configfile.read_config import ConfigFile, ConfigReader
from modelctl.state.config_message import ConfigMessage, encode, pack
from modelctl.state.lacks import entries_lack, lacks
from modelctl.system.open_for_writing import ignore_signals, is_open_for_writing

if sys.platform != "win32":
    import resource

CPU_LIMIT = 60  # seconds for one reading: should the worker that asked be gone, nobody else ends us
LOOK_MS = 5000  # between two looks whether it is still there


class StayingReader:
    """Reads one config again and again, and compares it with what the worker has taken."""

    def __init__(self, path: Path) -> None:
        self._path, self._reader = path, ConfigReader()
        self._last: ConfigFile | None = None
        self._taken: ConfigFile | None = None

    def read(self, taken: str = "") -> ConfigMessage:
        """`taken` is the content that the worker runs on; one that nobody here has read is not compared with."""
        if self._last is not None and self._last.content == taken:
            self._taken = self._last
        self._last = self._reader.read(self._path)
        known = self._taken if self._taken is not None and self._taken.content == taken else None
        return replace(message(self._last), lacks=known is not None and takes_away(known, self._last))


def takes_away(before: ConfigFile, after: ConfigFile) -> bool:
    """A model, a setting, or a key or item of one."""
    old, new = _beyond(before, after), _beyond(after, before)
    return lacks(_settings(before), _settings(after)) or entries_lack(old, new)


def _beyond(read: ConfigFile, other: ConfigFile) -> dict[str, list[dict[str, Any]]]:
    """The entries that the other one has not, by public name."""
    there, found = set(other.digests), dict[str, list[dict[str, Any]]]()
    for entry, name in zip(read.entries, read.digests, strict=True):
        if name not in there and isinstance(entry, dict):
            found.setdefault(_name(entry), []).append(entry)
    return found


def _settings(read: ConfigFile) -> dict[str, Any]:
    return {key: value for key, value in (read.config or {}).items() if key != "model_list"}


def message(read: ConfigFile) -> ConfigMessage:
    facts = (tuple(read.problems), read.files, read.content, read.whole)
    if read.config is None:
        return ConfigMessage(*facts)
    closed = all(is_open_for_writing(path) is False for path in read.files)
    names = tuple(read.each(_name))
    return ConfigMessage(*facts, _settings(read), tuple(read.digests), tuple(read.each(encode)), names, closed)


def _name(entry: object) -> str:
    return str(entry.get("model_name")) if isinstance(entry, dict) else ""


def main(path: str, *, stay: bool = False) -> None:
    ignore_signals()
    reader, parent = StayingReader(Path(path)), os.getppid()
    while (taken := _asked(parent) if stay else "") is not None:
        _limit()
        sys.stdout.buffer.write(pack(reader.read(taken)))
        sys.stdout.buffer.flush()
        if not stay:
            return


def _asked(parent: int) -> str | None:
    """Waits for a line, the content that the worker runs on; None once nobody is there who might send one.

    The end of the pipe does not always tell: a process that the worker forks holds it open.
    """
    poll = select.poll()
    poll.register(sys.stdin, select.POLLIN)
    while not poll.poll(LOOK_MS):
        if os.getppid() != parent:
            return None
    line = sys.stdin.buffer.readline()
    return line.decode().strip() if line else None


def _limit() -> None:
    if sys.platform == "win32":
        return
    used, hard = int(time.process_time()), resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (used + CPU_LIMIT, hard))


if __name__ == "__main__":
    main(sys.argv[-1], stay="--stay" in sys.argv[1:-1])
