"""Notices that a folder of YAML changed, on any file system.

Looking (mtime, size, inode, then content) is the base; events only make it quicker, because bind
mounts, network file systems and swapped symlinks send none, or the wrong ones. A burst counts as one
change: it has settled 50 ms after its last event, and not while git holds its index lock.

One file alone counts at once when its writer has let go of it and it leaves a sound catalog that lacks nothing. What
may be half of a change gets longer: a file that is empty, gone or cut within a line, one that a program has open for
writing, and whatever takes something away has to stay as it is for a second or more.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from watchfiles import awatch

from modelctl.control_plane.folder_digests import FileDigests, Picture, changed, glimpse, latest, picture, stirred
from modelctl.system.open_for_writing import is_open_for_writing

SETTLE_S = 0.05
UNFINISHED_S = 1.0  # seconds to wait when a change may be incomplete
HELD_S = 5.0  # as long as a program has a changed file open for writing
LONGEST_S = 10.0  # after that a change counts even if further changes keep coming
QUIET_S = 0.01  # after so long without an event a burst is probably over
LOOK_EVERY_S = 0.25
LOCK_IS_STALE_S = 60.0  # a git that crashed leaves its lock behind; after this it is ignored


def patience(before: Picture, after: Picture) -> float:
    """For how many seconds nothing may move before these files count: 0 where nothing speaks for half a change."""
    new = [path for path, one in after.items() if path not in before or before[path].digest != one.digest]
    if any(is_open_for_writing(path) for path in new):
        return HELD_S
    if before.keys() - after.keys() or any(after[path].empty or _is_cut(before.get(path), after[path]) for path in new):
        return UNFINISHED_S
    return 0.0


def is_one_whole_file(before: Picture, after: Picture) -> bool:
    """Whether all that changed is one file that was put in place whole, or that nobody has open for writing."""
    new = [path for path, one in after.items() if path not in before or before[path].digest != one.digest]
    if len(new) != 1 or before.keys() != after.keys():
        return False
    renamed = before[new[0]].inode != after[new[0]].inode
    return renamed or is_open_for_writing(new[0]) is False


def _is_cut(before: FileDigests | None, after: FileDigests) -> bool:
    """Some editors end no file with a line feed: then it says nothing that there is none."""
    return after.cut and not (before and before.cut)


@dataclass(frozen=True)
class Judged:
    """Files as they were, and for how long they must stay so."""

    picture: Picture
    needs: float
    built: bool  # whether `meanwhile` decided that
    at_once: bool = False  # the change is complete


class Watch:
    """`async for built in Watch(folder)`: once for each settled change of content.

    `meanwhile` is called in a thread while a burst settles, once for each content: whether what is there now takes
    something away, None where it is not sound. What it finds out on the way may be of use when nothing more moves.
    `built`: it was called last for the very content that has settled.
    """

    def __init__(
        self,
        folder: Path,
        *,
        every: float = LOOK_EVERY_S,
        settle: float = SETTLE_S,
        events: bool = True,
        meanwhile: Callable[[], bool | None] = lambda: None,
    ) -> None:
        self.folder = folder
        self._meanwhile = meanwhile
        self._every = every
        self._settle = settle
        self._events = events
        self._hurry = asyncio.Event()
        self._told: set[str] = set()  # the files that events spoke of since the last look
        self._picture = picture(folder)

    async def __aiter__(self) -> AsyncIterator[bool]:
        listener = asyncio.create_task(self._listen()) if self._events else None
        try:
            while True:
                woken = await self._wait(self._every)
                if woken or await asyncio.to_thread(stirred, self._picture, self.folder):
                    before, (self._picture, built) = self._picture, await self._settled()
                    if changed(before, self._picture):
                        yield built
        finally:
            if listener:
                await _end(listener)

    async def finished(self) -> None:
        """Returns once the files as they are may count, whatever they were before: for a start."""
        began = time.monotonic()
        while (passed := time.monotonic() - began) < LONGEST_S:
            judged = await asyncio.to_thread(self._judge_fresh)
            quiet = max(passed, time.time() - await asyncio.to_thread(latest, self.folder))
            if quiet >= judged.needs:
                return
            await asyncio.sleep(min(self._every, judged.needs - quiet))

    def _judge_fresh(self) -> Judged:
        now, recent = picture(self.folder), time.time() - HELD_S
        old = {path: one for path, one in now.items() if one.glance.look.moved_ns < recent * 1e9}
        return self._judge(old, now, None)

    async def _wait(self, seconds: float) -> bool:
        """Whether an event came before the time was over."""
        try:
            async with asyncio.timeout(seconds):
                await self._hurry.wait()
        except TimeoutError:
            return False
        self._hurry.clear()
        return True

    async def _wait_beside(self, ahead: asyncio.Future[Judged], seconds: float) -> bool:
        """The same; ends early where nothing needs to be waited for."""
        waiting = asyncio.ensure_future(self._wait(seconds))
        await asyncio.wait((ahead, waiting), return_when=asyncio.FIRST_COMPLETED)
        if not waiting.done() and ahead.done() and ahead.result().at_once:
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)
            return self._hurry.is_set()
        return await waiting

    async def _settled(self) -> tuple[Picture, bool]:
        """The picture once nothing has moved for as long as it needs, and git is done; and whether it was built."""
        now = await asyncio.to_thread(picture, self.folder, self._picture)
        if not changed(self._picture, now):
            return now, False
        began = moved = time.monotonic()
        judged: Judged | None = None
        ahead: asyncio.Future[Judged] | None = None
        if await asyncio.to_thread(is_one_whole_file, self._picture, now):
            ahead = self._begin(now, judged)  # during the quiet time, since most likely nothing more changes
        while True:
            stirs = await self._wait(QUIET_S)
            if ahead is not None:
                judged, ahead = await ahead, None
            if stirs:
                moved = time.monotonic()
                continue
            now = await asyncio.to_thread(self._moved, now)
            if not changed(self._picture, now):
                return now, False
            if judged is None or not judged.at_once or changed(judged.picture, now):
                next_one = self._begin(now, judged)
                stirs = await self._wait_beside(next_one, self._pause(judged, moved))
                judged = await next_one
            later = await asyncio.to_thread(picture, self.folder, now)
            if stirs or changed(now, later) or git_is_busy(self.folder):
                moved, now = time.monotonic(), later
            elif judged.at_once or judged.needs <= self._settle or _enough(judged, moved, began):
                return later, judged.built

    def _begin(self, now: Picture, judged: Judged | None) -> asyncio.Future[Judged]:
        return asyncio.ensure_future(asyncio.to_thread(self._judge, self._picture, now, judged))

    def _moved(self, last: Picture) -> Picture:
        """What events spoke of; where that is nothing new, everything."""
        paths, self._told = self._told, set()
        now = glimpse(last, paths)
        return now if changed(self._picture, now) else picture(self.folder, now)

    def _pause(self, judged: Judged | None, moved: float) -> float:
        """Until the next look: short at first, then as the files need it."""
        left = 0.0 if judged is None else judged.needs - (time.monotonic() - moved)
        return max(self._settle - QUIET_S, min(self._every, left))

    def _judge(self, before: Picture, now: Picture, last: Judged | None) -> Judged:
        """Builds at most once for each content, and not at all while the files themselves say that more will come."""
        if needs := patience(before, now):
            return Judged(now, needs, built=False)
        if last and last.built and not changed(last.picture, now):
            return last
        takes = None
        with suppress(Exception):  # the publish that follows meets the same failure, and reports it
            takes = self._meanwhile()
        at_once = takes is False and is_one_whole_file(before, now)
        return Judged(now, UNFINISHED_S if takes else 0.0, built=True, at_once=at_once)

    async def _listen(self) -> None:
        """Events of the operating system. Where there are none, looking alone has to do."""
        while True:
            with suppress(OSError, RuntimeError):
                async for changes in awatch(
                    self.folder, step=1, debounce=50, rust_timeout=1000, recursive=True, watch_filter=None
                ):
                    self._told.update(path for _, path in changes)
                    self._hurry.set()
            await asyncio.sleep(self._every)


async def _end(task: asyncio.Task[None]) -> None:
    """Asks again and again: the library that listens for events may lose the first request, and would listen on."""
    while not task.done():
        task.cancel()
        await asyncio.wait([task], timeout=0.1)


def _enough(judged: Judged, moved: float, began: float) -> bool:
    now = time.monotonic()
    return now - moved >= judged.needs or (judged.needs < HELD_S and now - began >= LONGEST_S)


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
