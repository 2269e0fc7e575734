"""The story of `modelctl up`: claim, publish, boot the workers, say how to ask, keep all that alive."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import time
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

from modelctl.control_plane import up_note
from modelctl.control_plane.occupied import Occupant
from modelctl.errors import ModelctlError, StoreUnreachable
from modelctl.state.desired import DesiredState
from modelctl.store import Store, desired_state, open_store
from modelctl.supervisor import messages, ready
from modelctl.supervisor.launch import LaunchSpec
from modelctl.supervisor.managed_process import Death, ManagedProcess, OnDeath, end_all, rotate
from modelctl.supervisor.rolling_restart import PATIENCE_S, RollingRestart
from modelctl.system.sockets import bind

PUBLISH_S = 60.0
LOOK_EVERY_S = 0.1
MOST_FAILURES = 3  # in a row, before the first worker ever was ready
ORPHANS_S = 8.0  # how long the children of a killed `up` may hold a port


class Screen(Protocol):
    """Where progress is shown."""

    def say(self, text: str) -> None: ...
    def progress(self, text: str) -> None: ...
    def done(self) -> None: ...


@dataclass
class Up:
    plan: LaunchSpec
    screen: Screen
    _end: asyncio.Event = field(default_factory=asyncio.Event)
    _keepers: list[ManagedProcess] = field(default_factory=list)  # the control plane first, then the workers
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)
    _failures: int = 0
    _ever_ready: bool = False
    _restarting: bool = False
    _restarts: up_note.Restarts = field(default_factory=up_note.Restarts)
    _gave_up: str | None = None

    async def run(self) -> None:
        """Returns when told to end. Raises ModelctlError when it cannot start; nothing is left either way."""
        note = self.plan.settings.state / up_note.NAME
        patience = ORPHANS_S if note.exists() else 0.0  # the last `up` was killed, or this one never ended well
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._end.set)
        loop.add_signal_handler(signal.SIGHUP, lambda: None)  # until there is something to restart
        port, proxy_port = (Occupant(self.plan.settings, option) for option in ("--port", "--proxy-port"))
        with (
            bind(self.plan.host, self.plan.port, "--port", patience, occupant=port) as control,
            bind(self.plan.proxy_host, self.plan.proxy_port, "--proxy-port", patience, occupant=proxy_port) as proxy,
        ):
            try:
                self._write_note()
                await self._story(control, proxy)
            finally:
                await self._end_all()
                note.unlink(missing_ok=True)
        self.screen.say("stopped")
        if self._gave_up:
            raise ModelctlError(self._gave_up, hint=f"the whole log is in {self.plan.settings.state}")

    async def _story(self, control: socket.socket, proxy: socket.socket) -> None:
        with suppress(StoreUnreachable):  # a Redis on its way up as well: the control plane waits for it, and says so
            open_store(self.plan.settings.store).close()
        self._keep(ManagedProcess(self.plan.control(control.fileno()), self._control_died))
        if not await self._answers():
            return
        store = open_store(self.plan.settings.store)
        desired = _published(store)
        for line in messages.providers(desired, self.plan.environ):
            self.screen.say(line)
        workers = [self._worker(number, proxy, desired) for number in range(1, self.plan.workers + 1)]
        self._write_note(1)
        if await self._booted(workers, store):
            self._write_note()
            print(messages.curl(self.plan, desired), flush=True)
            self.screen.say(f"control plane: {self.plan.server_url}; Ctrl-C ends both")
            asyncio.get_running_loop().add_signal_handler(
                signal.SIGHUP, lambda: self._spawn(self._restart(proxy, store))
            )
        await self._end.wait()

    # -- the children --------------------------------------------------------------------------

    def _worker(
        self, number: int, proxy: socket.socket, desired: DesiredState, on_death: OnDeath = lambda _: None
    ) -> ManagedProcess:
        def died(death: Death) -> None:
            self._worker_died(death)
            on_death(death)

        command = self.plan.worker(number, proxy.fileno(), desired)
        if command.log:
            rotate(command.log)
        return self._keep(ManagedProcess(command, died, first_pause=1.0))

    def _keep(self, keeper: ManagedProcess) -> ManagedProcess:
        self._keepers.append(keeper)
        self._spawn(keeper.run())
        return keeper

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self._give_up(f"cannot go on: {error}")

    async def _end_all(self) -> None:
        self.screen.done()
        await end_all(self._keepers, PATIENCE_S)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await end_all(self._keepers, PATIENCE_S)  # one that was just being started the first time

    def _control_died(self, death: Death) -> None:
        self.screen.say(messages.died(death))
        if death.in_a_row >= MOST_FAILURES and not self._ever_ready:
            self._give_up("the control plane does not start")

    def _worker_died(self, death: Death) -> None:
        self.screen.say(messages.died(death))
        self._failures += 1
        if self._failures >= MOST_FAILURES and not self._ever_ready:
            self._give_up(f"LiteLLM does not boot: {self._failures} attempts failed")

    def _give_up(self, why: str) -> None:
        self._gave_up = self._gave_up or why
        self._end.set()

    # -- getting ready -------------------------------------------------------------------------

    async def _answers(self) -> bool:
        """Whether the control plane does; false when told to end meanwhile."""
        deadline = time.monotonic() + PUBLISH_S
        while not self._end.is_set():
            answer = await asyncio.to_thread(
                ready.get, self.plan.host, self.plan.port, "/healthz", tls=self.plan.tls is not None
            )
            if answer and answer[0] == 200:
                return True
            if time.monotonic() > deadline:
                raise ModelctlError("the control plane does not answer", hint="what it said stands above")
            await self._nap()
        return False

    async def _booted(self, keepers: list[ManagedProcess], store: Store) -> bool:
        """Waits until every one of them has answered what is published and the proxy answers.

        A worker that refuses a part of the config serves the rest: it counts as up, and reports the part.
        """
        began = time.monotonic()
        while not self._end.is_set():
            pids = {keeper.pid for keeper in keepers if keeper.pid is not None}
            done = ready.answered(store, pids)
            if len(done) == len(keepers) and await self._proxy_answers():
                self._ever_ready = True
                self.screen.done()
                self.screen.say(f"LiteLLM is ready after {time.monotonic() - began:.0f} s")
                for error in sorted({error for error in done.values() if error}):
                    self.screen.say(f"but a worker refuses what is published: {error}")
                return True
            self.screen.progress(
                f"LiteLLM boots: {time.monotonic() - began:.0f} s, {len(done)} of {len(keepers)} ready"
            )
            await self._nap()
        return False

    async def _proxy_answers(self) -> bool:
        answer = await asyncio.to_thread(ready.get, self.plan.proxy_host, self.plan.proxy_port, "/health/liveliness")
        return answer is not None and answer[0] == 200

    async def _nap(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(LOOK_EVERY_S):
                await self._end.wait()

    async def _restart(self, proxy: socket.socket, store: Store) -> None:
        """On SIGHUP: replaces the workers one at a time; after a failure the old ones keep running."""
        if self._restarting:
            return self.screen.say("a restart is under way already")
        self._restarting, failed = True, None
        try:
            self.screen.say("restarting the workers one by one")
            if await self._rolling(proxy, store).run(self._keepers[1:], self._keepers.remove):
                self.screen.say("every worker was restarted")
        except ModelctlError as error:
            failed = error.message
            self.screen.say(f"the restart stopped: {failed}")
        finally:
            self._restarting = False
            self._restarts = up_note.Restarts(self._restarts.count + 1, failed)
            self._write_note()

    def _rolling(self, proxy: socket.socket, store: Store) -> RollingRestart:
        def start(number: int, on_death: OnDeath) -> ManagedProcess:
            desired = desired_state(store, store.head().revision or "")
            return self._worker(number, proxy, desired, on_death)

        return RollingRestart(
            start, lambda new: self._booted([new], store), partial(self._write_note, restart=True),
            self.plan.drain_s,
        )  # fmt: skip

    def _write_note(self, worker: int | None = None, does: str = "boots", *, restart: bool = False) -> None:
        """Where `up` listens and what it starts: how the other commands of this project, and its page, know."""
        workers = self.plan.workers
        now = {"worker": worker, "of": workers, "does": does, "restart": restart, "since": time.time()}
        note = {"pid": os.getpid(), "server": self.plan.server_url, "proxy": self.plan.proxy_url, "workers": workers}
        with suppress(OSError):  # a full disk: the note is missing, everything else works
            up_note.write(self.plan.settings.state, note, now if worker else None, self._restarts)


def _published(store: Store) -> DesiredState:
    revision = store.head().revision
    if revision is None:
        raise ModelctlError("the catalog has errors and nothing was published before, so nothing can run")
    return desired_state(store, revision)
