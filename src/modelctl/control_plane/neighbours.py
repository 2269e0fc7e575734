"""Detects control planes that share a state folder: with different catalogs they undo each other's edits."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from modelctl.errors import Problem
from modelctl.project import Settings

LOOK_EVERY_S = 1.0


class Neighbours:
    """A lock file that this process holds while it lives; calling it returns the problem of other holders."""

    def __init__(self, settings: Settings) -> None:
        self._folder = settings.state / "planes"
        self._own = self._folder / f"{os.getpid()}-{secrets.token_hex(4)}.json"
        self._what = {"mark": settings.mark, "environment": settings.environment}
        self._looked, self._found = float("-inf"), tuple[Problem, ...]()
        self._handle: int | None = None
        entry = {**self._what, "catalog": str(settings.catalog), "pid": os.getpid()}
        with suppress(OSError):  # a full disk: no warning then
            self._folder.mkdir(mode=0o700, exist_ok=True)
            self._handle = os.open(self._own, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._handle, fcntl.LOCK_EX)
            os.write(self._handle, json.dumps(entry).encode())

    def __call__(self) -> tuple[Problem, ...]:
        if time.monotonic() - self._looked >= LOOK_EVERY_S:
            self._looked, self._found = time.monotonic(), tuple(map(_problem, self._others()))
        return self._found

    def close(self) -> None:
        if self._handle is not None:
            self._own.unlink(missing_ok=True)
            os.close(self._handle)
            self._handle = None

    def _others(self) -> Iterator[dict[str, Any]]:
        for path in sorted(self._folder.glob("*.json")):
            if path != self._own:
                with suppress(OSError, ValueError, KeyError):
                    entry = _read(path)
                    if entry and {name: entry[name] for name in self._what} != self._what:
                        yield entry


def _read(path: Path) -> dict[str, Any] | None:
    """What a living control plane wrote; None (and no file any more) where nobody holds the lock."""
    with path.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            found: dict[str, Any] = json.load(file)
            return found
        path.unlink(missing_ok=True)
        return None


def _problem(other: dict[str, Any]) -> Problem:
    overlay = f" (environment {other['environment']})" if other["environment"] else ""
    text = (
        f"another control plane (pid {other['pid']}) publishes {other['catalog']}{overlay} into this state folder: "
        "what one publishes, the other replaces"
    )
    return Problem("another-catalog", text, hint="end one of them, or start it with --state DIR of its own")
