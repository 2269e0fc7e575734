"""The files that a config is made of: a worker stats them often, which costs next to nothing."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

from modelctl.system.file_stamp import Stamp, stamp

LOOK = 0.02  # seconds between two looks at the files


class Files:
    """The stamps of all files that the config is made of, and when they last changed."""

    def __init__(self, path: Path) -> None:
        self._stamps: dict[str, Stamp] = {str(path): ()}
        self.read: dict[str, Stamp] = {}  # as they were when they were last read
        self._since = self._looked = 0.0

    def look(self) -> None:
        now = time.monotonic()
        if now - self._looked >= LOOK:
            self._looked = now
            stamps = {path: stamp(path) for path in self._stamps}
            if stamps != self._stamps:
                self._stamps, self._since = stamps, now

    def follow(self, read: Mapping[str, Stamp]) -> None:
        """`read` are the files that the config is made of now."""
        self.read = dict(read)
        self._stamps = {path: self._stamps.get(path, at) for path, at in read.items()}

    def begin(self) -> None:
        """The files are read now: any later change is another edit."""
        self.read = dict(self._stamps)

    @property
    def moved(self) -> bool:
        return self._stamps != self.read

    def settled(self, seconds: float) -> bool:
        return time.monotonic() - self._since >= seconds
