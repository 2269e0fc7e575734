"""Notices that a folder of YAML changed, on any file system.

Looking (mtime, size, inode, then content) is the base; events only make it quicker, because bind
mounts, network file systems and swapped symlinks send none, or the wrong ones. A burst counts as one
change: it has settled 50 ms after its last event, and not while git holds its index lock.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from os import DirEntry, scandir, stat_result
from pathlib import Path

SETTLE_S = 0.05
QUIET_S = 0.01  # after so long without an event a burst is probably over
LOOK_EVERY_S = 0.25
LOCK_IS_STALE_S = 60.0  # a git that died leaves its lock behind; after this it stops nobody
_RACY_NS = 2_000_000_000  # two writes within the clock tick of a file system can look like one
_SUFFIXES = (".yaml", ".yml")

Look = tuple[int, int, int]  # mtime in ns, size, inode


@dataclass(frozen=True)
class Seen:
    """One file as it was: `racy` when it was so fresh that an equal look proves nothing."""

    look: Look
    digest: bytes
    racy: bool


Picture = dict[str, Seen]


def changed(before: Picture, after: Picture) -> bool:
    """Whether the content differs; a touched file with the same bytes has not changed."""
    return before.keys() != after.keys() or any(before[path].digest != after[path].digest for path in after)


def picture(folder: Path, before: Picture | None = None) -> Picture:
    """Every YAML file under the folder; reads only those whose look is not the one in `before`."""
    before = before or {}
    return {path: _seen(path, status, before.get(path)) for path, status in _files(folder)}


def stirred(before: Picture, folder: Path) -> bool:
    """Cheap: whether any file looks different, or is too fresh to tell."""
    now = {path: _look(status) for path, status in _files(folder)}
    return now.keys() != before.keys() or any(before[path].racy or before[path].look != now[path] for path in now)


def _files(folder: Path, depth: int = 4) -> Iterator[tuple[str, stat_result]]:
    """(path, status) through symlinks. What vanishes while we look, or cannot be read, is skipped here:
    the build has the words for it."""
    try:
        entries: list[DirEntry[str]] = sorted(scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        with suppress(OSError):
            if entry.is_dir():
                if depth:
                    yield from _files(Path(entry.path), depth - 1)
            elif entry.name.endswith(_SUFFIXES):
                yield entry.path, entry.stat()


def _look(status: stat_result) -> Look:
    return status.st_mtime_ns, status.st_size, status.st_ino


def _seen(path: str, status: stat_result, before: Seen | None) -> Seen:
    look = _look(status)
    if before and before.look == look and not before.racy:
        return before
    racy = time.time_ns() - status.st_mtime_ns < _RACY_NS
    return Seen(look, _digest(path), racy)


def _digest(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").digest()
    except OSError as error:
        return f"unreadable: {error.errno}".encode()


class Watch:
    """`async for _ in Watch(folder)`: once for each settled change of content.

    `meanwhile` is called in a thread, once per burst, while it settles: what it finds out may be of use when nothing
    more moves, and is waited for.
    """

    def __init__(
        self,
        folder: Path,
        *,
        every: float = LOOK_EVERY_S,
        settle: float = SETTLE_S,
        events: bool = True,
        meanwhile: Callable[[], object] = lambda: None,
    ) -> None:
        self.folder = folder
        self._meanwhile = meanwhile
        self._every = every
        self._settle = settle
        self._events = events
        self._hurry = asyncio.Event()
        self._picture = picture(folder)

    async def __aiter__(self) -> AsyncIterator[None]:
        listener = asyncio.create_task(self._listen()) if self._events else None
        try:
            while True:
                await self._wait(self._every)
                if await asyncio.to_thread(stirred, self._picture, self.folder):
                    before, self._picture = self._picture, await self._settled()
                    if changed(before, self._picture):
                        yield
        finally:
            if listener:
                listener.cancel()
                await asyncio.gather(listener, return_exceptions=True)

    async def _wait(self, seconds: float) -> bool:
        """Whether an event came before the time was over."""
        try:
            await asyncio.wait_for(self._hurry.wait(), seconds)
        except TimeoutError:
            return False
        self._hurry.clear()
        return True

    async def _settled(self) -> Picture:
        """The picture once nothing has moved for the settling time and git is done."""
        now = await asyncio.to_thread(picture, self.folder, self._picture)
        if not changed(self._picture, now):
            return now
        ahead: asyncio.Future[object] | None = None
        while True:
            if await self._wait(QUIET_S):
                continue
            ahead = ahead or asyncio.ensure_future(asyncio.to_thread(self._meanwhile))
            if await self._wait(self._settle - QUIET_S):
                continue
            # What went wrong there goes wrong again, and is told, once it counts.
            await asyncio.gather(ahead, return_exceptions=True)
            later = await asyncio.to_thread(picture, self.folder, now)
            if not changed(now, later) and not git_is_busy(self.folder):
                return later
            now = later

    async def _listen(self) -> None:
        """Events of the operating system. Where there are none, looking alone has to do."""
        from watchfiles import awatch

        while True:
            with suppress(OSError, RuntimeError):
                async for _ in awatch(
                    self.folder, step=1, debounce=50, rust_timeout=1000, recursive=True, watch_filter=None
                ):
                    self._hurry.set()
            await asyncio.sleep(self._every)


def git_is_busy(folder: Path) -> bool:
    """Whether a checkout, merge or the like is under way around this folder."""
    for each in (folder, *folder.parents):
        git = each / ".git"
        with suppress(OSError):
            if git.is_file():  # a worktree or submodule says where its own folder is
                git = each / git.read_text(errors="replace").removeprefix("gitdir:").strip()
            if git.is_dir():
                return time.time() - (git / "index.lock").stat().st_mtime < LOCK_IS_STALE_S
    return False
