"""The story of `modelctl up`: claim, publish, boot the workers, say how to ask, keep all that alive."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import signal
import socket
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from modelctl import settings as env
from modelctl.desired import DesiredState, live
from modelctl.errors import ModelctlError
from modelctl.settings import Settings
from modelctl.store import Store, desired_state, open_store
from modelctl.supervisor import claim, ready
from modelctl.supervisor.child import Command, Death, Keeper, end_all, rotate
from modelctl.supervisor.masking import last_lines

WORKER = (sys.executable, "-m", "modelctl.worker")
CONTROL = (sys.executable, "-m", "modelctl", "serve")
PATIENCE_S = 7.0  # from SIGTERM to SIGKILL; a worker gives its streams 5 s of it
PUBLISH_S = 60.0
LOOK_EVERY_S = 0.1
MOST_FAILURES = 3  # of workers in a row, before the first one ever was ready
ORPHANS_S = 8.0  # how long the children of a killed `up` may hold a port


class Screen(Protocol):
    """Where progress is told."""

    def say(self, text: str) -> None: ...
    def progress(self, text: str) -> None: ...
    def done(self) -> None: ...


@dataclass(frozen=True)
class Plan:
    """What `up` was asked for. The two argv's are what the children are started with."""

    host: str = env.HOST
    port: int = env.PORT
    proxy_host: str = env.PROXY_HOST
    proxy_port: int = env.PROXY_PORT
    workers: int = 1
    manual: bool = False
    control_argv: tuple[str, ...] = CONTROL
    worker_argv: tuple[str, ...] = WORKER


@dataclass
class Up:
    settings: Settings
    plan: Plan
    screen: Screen
    environ: Mapping[str, str]  # what the workers get, `.env` included
    from_dotenv: frozenset[str] = frozenset()
    failures: int = 0
    ever_ready: bool = False
    gave_up: str | None = None
    workers: list[Keeper] = field(default_factory=list)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def run(self) -> None:
        """Returns when told to end. Raises ModelctlError when it cannot start; nothing is left either way."""
        crashed = (self.settings.state / "up.json").exists()
        patience = ORPHANS_S if crashed else 0.0
        self.end = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self.end.set)
        control = claim.listen(self.plan.host, self.plan.port, "--port", patience)
        proxy = claim.listen(self.plan.proxy_host, self.plan.proxy_port, "--proxy-port", patience)
        store = open_store(self.settings.store)
        try:
            await self._story(control, proxy, store)
        finally:
            await self._end_children()
            for each in (control, proxy, store):
                each.close()
            (self.settings.state / "up.json").unlink(missing_ok=True)

    async def _story(self, control: socket.socket, proxy: socket.socket, store: Store) -> None:
        self._note()
        self.control = Keeper(self._control_command(control), self._control_died)
        self._keep(self.control)
        desired = await self._published(store)
        if desired is None:
            return
        self._tell_providers(desired)
        self._command = self._worker_command(proxy, self._boot_config(desired), desired)
        self.workers = [self._new_worker(number) for number in range(1, self.plan.workers + 1)]
        if await self._booted(self.workers, store):
            print(self._curl(desired), flush=True)
            self.screen.say(f"control plane {self._url(self.plan.host, self.plan.port)}; Ctrl-C ends both")
            asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, lambda: self._spawn(self._roll(store)))
        await self.end.wait()
        if self.gave_up:
            raise ModelctlError(self.gave_up, hint=f"the whole log is in {self.settings.state}")

    # -- the children --------------------------------------------------------------------------

    def _control_command(self, sock: socket.socket) -> Command:
        argv = [
            *self.plan.control_argv, "--fd", str(sock.fileno()),
            "--host", self.plan.host, "--port", str(self.plan.port), "--catalog", str(self.settings.catalog),
            "--state", str(self.settings.state), "--store", self.settings.store,
            *(["--publish", "manual"] if self.plan.manual else []),
        ]  # fmt: skip
        environ = {**self.environ, "MODELCTL_PARENT": str(os.getpid())}
        return Command("control plane", argv, environ, fds=(sock.fileno(),))

    def _worker_command(self, sock: socket.socket, config: Path, desired: DesiredState) -> Command:
        """The environment wins over `.env` (already in it), that over the catalog's defaults and ours."""
        set_here = {name: value for name, value in self.environ.items() if value}
        store = {"MODELCTL_STORE": self.settings.store} if "://" in self.settings.store else {}
        environ = {
            "LITELLM_LOCAL_MODEL_COST_MAP": "True", **desired.env_defaults, **set_here, **store,
            "MODELCTL_STATE": str(self.settings.state), "CONFIG_FILE_PATH": str(config),
            "LITELLM_MASTER_KEY": env.ensure_master_key(self.settings.state),
            "LITELLM_WORKER_STARTUP_HOOKS": "modelctl.hook:startup", "MODELCTL_PARENT": str(os.getpid()),
        }  # fmt: skip
        return Command("LiteLLM", [*self.plan.worker_argv, "--fd", str(sock.fileno())], environ, fds=(sock.fileno(),))

    def _new_worker(self, number: int) -> Keeper:
        log = self.settings.state / f"litellm-{number}.log"
        rotate(log)
        base = self._command
        command = Command(f"LiteLLM worker {number}", base.argv, base.env, log, base.fds)
        keeper = Keeper(command, self._worker_died, first_pause=1.0)
        self._keep(keeper)
        return keeper

    def _boot_config(self, desired: DesiredState) -> Path:
        """For the case that the hook cannot hand LiteLLM its config: JSON is YAML."""
        path = self.settings.state / "boot.yaml"
        env.write_private(path, json.dumps(live(desired, {}).config(), indent=1))
        return path

    def _keep(self, keeper: Keeper) -> None:
        self._spawn(keeper.run())

    def _spawn(self, work: object) -> None:
        task = asyncio.ensure_future(work)  # type: ignore[call-overload]
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self._give_up(f"cannot go on: {error}")

    async def _end_children(self) -> None:
        self.screen.done()
        keepers = [*self.workers, *([self.control] if hasattr(self, "control") else [])]
        await end_all(keepers, PATIENCE_S)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # -- deaths --------------------------------------------------------------------------------

    def _control_died(self, death: Death) -> None:
        self.screen.say(f"the control plane ended ({_ended_by(death.code)}); starting it again. Traffic goes on")
        if death.in_a_row >= MOST_FAILURES and not self.ever_ready:
            self._give_up("the control plane does not start")

    def _worker_died(self, death: Death) -> None:
        log = death.command.log
        words = last_lines(log, death.command.env) if log else ""
        quoted = "".join(f"\n  | {line}" for line in words.splitlines())
        self.screen.say(f"{death.command.name} ended ({_ended_by(death.code)}); starting it again.{quoted}")
        self.failures += 1
        if self.failures >= MOST_FAILURES and not self.ever_ready:
            self._give_up(f"LiteLLM does not boot: {self.failures} attempts failed")

    def _give_up(self, why: str) -> None:
        self.gave_up = self.gave_up or why
        self.end.set()

    # -- getting ready -------------------------------------------------------------------------

    async def _published(self, store: Store) -> DesiredState | None:
        """What the control plane published; None when told to end meanwhile."""
        deadline = time.monotonic() + PUBLISH_S
        while not self.end.is_set():
            answer = await asyncio.to_thread(ready.get, self.plan.host, self.plan.port, "/status", 5.0)
            if answer and answer[0] == 200:
                revision = answer[1]["revision"]
                if revision is None:
                    raise ModelctlError("the catalog has errors and nothing was published before, so nothing can run")
                return desired_state(store, revision)
            if time.monotonic() > deadline:
                raise ModelctlError("the control plane does not answer")
            await self._nap()
        if self.gave_up:
            raise ModelctlError(self.gave_up)
        return None

    async def _booted(self, keepers: list[Keeper], store: Store) -> bool:
        """Waits until every one of them runs what is published and the proxy answers."""
        began, said = time.monotonic(), 0.0
        while not self.end.is_set():
            pids = {keeper.pid for keeper in keepers if keeper.pid is not None}
            done = ready.acked(store, pids) if pids else set()
            if len(done) == len(keepers) and await self._proxy_answers():
                self.ever_ready = True
                self.screen.done()
                self.screen.say(f"LiteLLM is ready after {time.monotonic() - began:.0f} s")
                return True
            elapsed = time.monotonic() - began
            if elapsed - said >= 0.1:
                said = elapsed
                self.screen.progress(f"LiteLLM boots: {elapsed:.0f} s, {len(done)} of {len(keepers)} ready")
            await self._nap()
        return False

    async def _proxy_answers(self) -> bool:
        answer = await asyncio.to_thread(
            ready.get, self.plan.proxy_host, self.plan.proxy_port, "/health/liveliness", 5.0
        )
        return answer is not None and answer[0] == 200

    async def _nap(self) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self.end.wait(), LOOK_EVERY_S)

    async def _roll(self, store: Store) -> None:
        """One worker after the other: the new one serves before the old one ends."""
        self.screen.say("restarting the workers one by one")
        for place, old in enumerate(list(self.workers)):
            number = place + 1
            new = self._new_worker(number)
            self.workers.append(new)
            if not await self._booted([new], store):
                return
            self.workers[place] = new
            self.workers.pop()
            await old.end(PATIENCE_S)
        self.screen.say("every worker was restarted")

    # -- what is told --------------------------------------------------------------------------

    def _note(self) -> None:
        note = {
            "pid": os.getpid(),
            "server": self._url(self.plan.host, self.plan.port),
            "proxy": self._url(self.plan.proxy_host, self.plan.proxy_port),
        }
        env.write_private(self.settings.state / "up.json", json.dumps(note))

    def _tell_providers(self, desired: DesiredState) -> None:
        missing = ready.unset(desired, self.environ)
        have = [provider for provider, names in missing.items() if not names]
        if have:
            self.screen.say(f"variables set: {', '.join(have)}")
        for provider, names in missing.items():
            if names:
                self.screen.say(f"not set for {provider}: {', '.join(names)}")

    def _curl(self, desired: DesiredState) -> str:
        names = [*(["active"] if "active" in desired.routes else []), *desired.routes, *sorted(desired.public_names)]
        model = next((name for name in names if "*" not in name), "demo")
        body = json.dumps({"model": model, "messages": [{"role": "user", "content": "Say hello"}]})
        url = self._url(self.plan.proxy_host, self.plan.proxy_port) + "/v1/chat/completions"
        return (
            f'curl -s {url} -H "Authorization: Bearer {self._key()}" '
            f'-H "Content-Type: application/json" -d {shlex.quote(body)}'
        )

    def _key(self) -> str:
        """A shell expression for the key, never the key."""
        if self.environ.get("LITELLM_MASTER_KEY") and "LITELLM_MASTER_KEY" not in self.from_dotenv:
            return "$LITELLM_MASTER_KEY"
        path = self.settings.state / "master_key"
        with suppress(ValueError):
            path = path.relative_to(Path.cwd())
        return f"$(cat {shlex.quote(str(path))})"

    @staticmethod
    def _url(host: str, port: int) -> str:
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _ended_by(code: int) -> str:
    return f"exit code {code}" if code >= 0 else f"signal {signal.Signals(-code).name}"
