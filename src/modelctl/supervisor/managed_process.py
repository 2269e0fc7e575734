"""One child process: starts it, restarts it when it dies, and ends it."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 30.0
STEADY_S = 60.0  # after this long a restart begins with the first pause again


@dataclass(frozen=True)
class ProcessCommand:
    """What to run. `log` is the file for its output; None means our own standard error."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str]
    log: Path | None = None
    fds: tuple[int, ...] = ()


@dataclass
class Death:
    """How a child process ended by itself, for the message about it."""

    command: ProcessCommand
    code: int
    lived_s: float
    in_a_row: int
    log_from: int = 0  # bytes that were in the log before this life


OnDeath = Callable[[Death], None]


@dataclass
class ManagedProcess:
    """Keeps one command running. `pid` is None between two lives."""

    command: ProcessCommand
    on_death: OnDeath
    first_pause: float = FIRST_PAUSE_S
    pid: int | None = None
    _process: asyncio.subprocess.Process | None = field(default=None, repr=False)
    _ending: bool = False

    async def run(self) -> None:
        """Start and restart, until `end`. Pauses double from one quick death to the next."""
        deaths = 0
        while not self._ending:
            began, log_from = time.monotonic(), _size(self.command.log)
            code = await self._live()
            if self._ending:
                return
            lived = time.monotonic() - began
            deaths = 1 if lived > STEADY_S else deaths + 1
            self.on_death(Death(self.command, code, lived, deaths, log_from))
            await asyncio.sleep(min(LONGEST_PAUSE_S, self.first_pause * 2 ** (deaths - 1)))

    async def _live(self) -> int:
        log = _open_log(self.command.log)
        try:
            self._process = await asyncio.create_subprocess_exec(
                *self.command.argv, env=dict(self.command.env), stdin=asyncio.subprocess.DEVNULL,
                stdout=log, stderr=log, pass_fds=self.command.fds, start_new_session=True,
            )  # fmt: skip
        finally:
            if self.command.log:
                os.close(log)
        self.pid = self._process.pid
        if self._ending:  # asked to end while it was being started
            self.signal(signal.SIGTERM)
        code = await self._process.wait()
        self._sweep()
        self.pid = None
        return code

    async def end(self, patience: float) -> None:
        """SIGTERM, then SIGKILL after `patience` seconds; the process group is gone afterwards."""
        self._ending = True
        process = self._process
        if process is None or process.returncode is not None:
            return
        self.signal(signal.SIGTERM)
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                await process.wait()
        if process.returncode is None:
            self.signal(signal.SIGKILL)
            await process.wait()
        self._sweep()

    async def drain(self, longest: float, patience: float) -> bool:
        """SIGUSR1, and up to `longest` seconds for what is under way; then `end`. Whether it ended by itself."""
        self._ending = True
        process = self._process
        if process is not None and process.returncode is None:
            self.signal(signal.SIGUSR1)
            with suppress(TimeoutError):
                async with asyncio.timeout(longest):
                    await process.wait()
        whole = process is None or process.returncode is not None
        await self.end(patience)
        return whole

    def signal(self, number: int) -> None:
        if self._process and self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.send_signal(number)

    def _sweep(self) -> None:
        """Kills what the child itself had started: it is in the child's process group."""
        if self._process:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)


async def end_all(keepers: Sequence[ManagedProcess], patience: float) -> None:
    ends: list[Awaitable[None]] = [keeper.end(patience) for keeper in keepers]
    await asyncio.gather(*ends)


def rotate(path: Path) -> None:
    """Keep what the last run wrote as `<name>.1`."""
    with suppress(FileNotFoundError):
        path.replace(path.with_name(f"{path.name}.1"))


def _open_log(path: Path | None) -> int:
    if path is None:
        return 2
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)


def _size(path: Path | None) -> int:
    return path.stat().st_size if path and path.exists() else 0
