"""The control plane as a process: the API, and beside it what publishes edits and ends time limits."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import uvicorn
from fastapi import FastAPI

from modelctl import project
from modelctl.api import peers
from modelctl.api.application import create_app
from modelctl.control_plane.acting import Acting
from modelctl.control_plane.background import (
    Edits,
    Tell,
    each_day,
    end_with_parent,
    expire,
    follow,
    hear,
    publish_finished,
)
from modelctl.control_plane.control_log import keep_log
from modelctl.control_plane.first_store import open_when_there
from modelctl.control_plane.git_follow import GitFollow, NewCommits
from modelctl.control_plane.neighbours import Neighbours
from modelctl.control_plane.occupied import Occupant
from modelctl.control_plane.rendered import Rendered
from modelctl.control_plane.tls_files import TlsFiles, follow_tls, server_context
from modelctl.control_plane.up_note import Progress
from modelctl.control_plane.watch import Watch
from modelctl.errors import ModelctlError
from modelctl.pipeline import Builder
from modelctl.project import Settings
from modelctl.service import Service
from modelctl.store import open_store
from modelctl.system.open_for_writing import ignore_signals
from modelctl.system.sockets import bind
from modelctl.system.state_folder import make_state
from modelctl.trial.preflight import Preflight

FIRST_S = 30.0  # how long the API waits for the first publish before it answers all the same
GRACE_S = 3  # for requests in progress when the process must end
log = logging.getLogger("modelctl")


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
    app.state.feed.ending = app.state.store_feeds.heads.ending = lambda: server.should_exit
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
    store = open_when_there(lambda: open_store(settings.store, copies=settings.state / "copies"))
    neighbours = Neighbours(settings)
    builder = Builder(settings.catalog, environment=settings.environment)
    progress = Progress(settings.state, project.parent_pid())
    return Service(
        store, builder, clock=store.now, manual=publishing.manual,
        render_is_current=Rendered(settings), progress=progress,
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
