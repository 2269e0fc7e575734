"""The control plane as a process: the API, and beside it what publishes edits and ends time limits."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol
from urllib.parse import quote

import uvicorn
from fastapi import FastAPI

from modelctl import project
from modelctl.api import peers
from modelctl.api.application import create_app
from modelctl.control_plane.acting import Acting
from modelctl.control_plane.control_log import keep_log
from modelctl.control_plane.git_follow import GitFollow, NewCommits
from modelctl.control_plane.neighbours import Neighbours
from modelctl.control_plane.occupied import Occupant
from modelctl.control_plane.rendered import Rendered
from modelctl.control_plane.tls_files import TlsFiles, follow_tls, server_context
from modelctl.control_plane.up_note import Progress
from modelctl.control_plane.watch import Watch
from modelctl.errors import ModelctlError, Problem, StoreDown
from modelctl.pipeline import Builder
from modelctl.project import Settings
from modelctl.service import Outcome, Service
from modelctl.service.snapshot import Snapshot
from modelctl.service.worker_answers import WorkerAnswers
from modelctl.store import open_store
from modelctl.system.collector import keep_aside
from modelctl.system.open_for_writing import ignore_signals
from modelctl.system.sockets import bind
from modelctl.system.state_folder import make_state
from modelctl.trial.preflight import Preflight

LONGEST_NAP_S = 30.0
STORE_PAUSE_S = 0.5
WATCH_PAUSE_S = 1.0
HEAR_EVERY_S = 0.05
FIRST_S = 30.0  # how long the API waits for the first publish before it answers all the same
GRACE_S = 3  # for requests in progress when the process must end
log = logging.getLogger("modelctl")
Tell = Callable[[Outcome], None]


class Edits(Protocol):
    """`Watch` over a folder, or `NewCommits` of a branch."""

    def __aiter__(self) -> AsyncIterator[bool]: ...

    async def finished(self) -> None: ...


@dataclass(frozen=True)
class Listen:
    """Where to listen: an address, or a socket that the supervisor bound."""

    host: str = project.HOST
    port: int = project.PORT
    fd: int | None = None
    bound: Callable[[], None] = lambda: None  # called once the address is bound
    tls: TlsFiles | None = None

    @property
    def loopback(self) -> bool:
        return project.is_loopback(self.host)


@dataclass(frozen=True)
class Publishing:
    """`manual`: when somebody asks; `git`: from a branch; `preflight`: once the installed LiteLLM started on it."""

    manual: bool = False
    git: GitFollow | None = None
    preflight: bool = False


AS_EDITED = Publishing()


def run(settings: Settings, listen: Listen, tell: Tell, publishing: Publishing) -> None:
    """Serve until told to end. Raises ModelctlError when it cannot start."""
    project.refuse_open_writes(settings, listen.host)
    project.need_catalog(settings)
    make_state(settings.state)
    keep_log(settings.state / "control.log")
    ignore_signals()
    context = server_context(listen.tls) if listen.tls else None
    service = make_service(settings, publishing)
    beside = [follow_tls(listen.tls, context)] if listen.tls and context else []
    app = create_app(
        service, settings, loopback=listen.loopback,
        lifespan=lifespan(service, settings, tell, beside, git=publishing.git),
        peers=peers.is_same_user if listen.loopback and peers.can_tell() else None,
    )  # fmt: skip
    config = uvicorn.Config(
        app, log_level="warning", access_log=False, lifespan="on",
        timeout_graceful_shutdown=GRACE_S, server_header=False, proxy_headers=False,
        headers=[(project.MARK, settings.mark), (project.PROJECT, quote(settings.root.name))],
    )  # fmt: skip
    config.load()
    config.ssl = context
    # Not uvicorn's own `fd`, which takes the socket for a Unix one.
    listener = _listener(settings, listen)
    if listen.fd is None:
        listen.bound()
    server = uvicorn.Server(config)
    app.state.feed.ending = app.state.desk.heads.ending = lambda: server.should_exit
    logging.getLogger("uvicorn.error").addFilter(lambda record: not (server.should_exit and _is_cut(record)))
    signal.signal(signal.SIGTERM, lambda *_: setattr(server, "should_exit", True))  # uvicorn raises it again at the end
    server.run([listener])
    if not server.started:
        raise ModelctlError("the control plane could not start")


def _listener(settings: Settings, listen: Listen) -> socket.socket:
    if listen.fd is not None:
        return socket.socket(fileno=listen.fd)
    return bind(listen.host, listen.port, "--port", occupant=Occupant(settings, "--port"))


def _is_cut(record: logging.LogRecord) -> bool:
    """Drops uvicorn's error about an event stream that a shutdown cut off: it needs no action."""
    text = record.getMessage()
    return "without completing response" in text or "timeout graceful shutdown exceeded" in text


def make_service(settings: Settings, publishing: Publishing = AS_EDITED) -> Service:
    store, neighbours = open_store(settings.store, copies=settings.state / "copies"), Neighbours(settings)
    builder = Builder(settings.catalog, environment=settings.environment)
    progress = Progress(settings.state, project.parent_pid())
    return Service(
        store, builder, manual=publishing.manual, render_is_current=Rendered(settings), progress=progress,
        beside=lambda: (*neighbours(), *progress.problems(), *store.remarks()), origin=publishing.git,
        preflight=Preflight(project.environment()) if publishing.preflight else None,
    )  # fmt: skip


def lifespan(
    service: Service,
    settings: Settings,
    tell: Tell,
    beside: Iterable[Coroutine[Any, Any, None]] = (),
    *,
    git: GitFollow | None = None,
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def span(app: FastAPI) -> AsyncIterator[None]:
        # Before the first build, so that an edit during the build is not missed.
        watch: Edits = NewCommits(git, service.building) if git else Watch(settings.catalog, meanwhile=service.prepare)
        parent = asyncio.create_task(end_with_parent())
        first = asyncio.create_task(publish_finished(service, watch, tell))
        await asyncio.wait([first], timeout=FIRST_S)
        acting = Acting(service, settings, app.state.usage)
        work = (
            follow(service, watch, tell), each_day(service, watch, tell), expire(service), hear(service), acting.run(),
            *beside,
        )  # fmt: skip
        tasks = [parent, first, *(asyncio.create_task(each) for each in work)]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            acting.close()
            service.store.close()

    return span


async def publish(service: Service, tell: Tell, *, prepared: bool = False) -> None:
    """Publish the catalog; retries while the store is down. Never raises."""
    told = None
    while True:
        try:
            return tell(await asyncio.to_thread(service.publish, prepared=prepared))
        except StoreDown as error:
            service.problems = (Problem("store-down", error.message),)
            if error.message != told:
                log.error("%s; trying again", error.message)
            told = error.message
            await asyncio.sleep(STORE_PAUSE_S)
        except Exception:
            return log.exception("a bug in modelctl: the catalog could not be published")


async def publish_finished(service: Service, watch: Edits, tell: Tell) -> None:
    """A start, too, may find a file that is just being written."""
    with suppress(Exception):  # whatever it is, the publish meets it as well, and has words for it
        await watch.finished()
    await publish(service, tell)
    keep_aside()  # what was made of the catalog: a round through 10,000 models takes a second


async def follow(service: Service, watch: Edits, tell: Tell) -> None:
    """Runs until cancelled, and survives failures: edits that are silently ignored would be worst."""
    while True:
        try:
            async for built in watch:
                await publish(service, tell, prepared=built)
        except Exception:
            log.exception("a bug in modelctl: the catalog could not be watched; watching it again")
            await asyncio.sleep(WATCH_PAUSE_S)


async def each_day(service: Service, watch: Edits, tell: Tell) -> None:
    """Publishes once a day, since models retire by date."""
    day = datetime.now(UTC).date()
    while True:
        await asyncio.sleep(LONGEST_NAP_S)
        if (today := datetime.now(UTC).date()) != day:
            day = today
            await publish_finished(service, watch, tell)


async def expire(service: Service) -> None:
    """Sweep when the next time limit ends; looks at the bell so that a new limit is not slept over."""
    while True:
        bell, until = service.store.bell(), None
        with suppress(ModelctlError):
            until = await asyncio.to_thread(service.sweep)
        end = min(time.time() + LONGEST_NAP_S, until or float("inf"))
        while time.time() < end and service.store.bell()[0] == bell[0]:
            await asyncio.sleep(min(0.1, max(0.001, end - time.time())))


async def hear(service: Service) -> None:
    """Logs a line whenever the workers' verdict changes, and follows whether all agree."""
    hearing = WorkerAnswers()
    seen: Snapshot | None = None
    beside: tuple[Problem, ...] = ()
    while True:
        others, beside = beside, tuple(service.beside())
        for problem in beside:
            if problem not in others:
                log.error("%s; %s", problem.message, problem.hint)
        with suppress(ModelctlError):
            fresh = service.fresh()
            state = fresh if fresh is not None else await asyncio.to_thread(service.snapshot)
            service.agreement(state)  # notes since when they agree, also while nobody asks
            if state is not seen:
                seen = state
                for line in hearing.news(state):
                    log.info(line)
        await asyncio.sleep(HEAR_EVERY_S)


async def end_with_parent() -> None:
    """Ends this process when its supervisor was killed and so cannot pass a signal on."""
    parent = project.parent_pid()
    while parent is not None and os.getppid() == parent:
        await asyncio.sleep(0.25)
    if parent is not None:
        log.warning("the supervisor is gone; ending")
        os.kill(os.getpid(), signal.SIGTERM)
