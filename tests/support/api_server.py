"""A small catalog, a control plane over it inside the test's own process, and workers played by the test."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from modelctl.api.application import create_app
from modelctl.api.guard import Peers
from modelctl.control_plane.rendered import Rendered
from modelctl.control_plane.serve import lifespan
from modelctl.pipeline import Builder
from modelctl.project import Settings
from modelctl.service import Service
from modelctl.state.selection import Worker
from modelctl.store import Store, open_store
from support.processes import listen
from support.waiting import wait_until

ACME = """\
name: Acme
litellm_provider: openai
api_base: http://localhost:9/v1
api_key: os.environ/ACME_KEY
models:
  fast: {context_window: 128000, supports_tools: true, price: {input: 1, output: 2}, mode: chat}
  slow: {context_window: 128000, supports_tools: true, price: {input: 2, output: 4}, mode: chat}
  tiny: {context_window: 1000, supports_tools: false, price: {input: 1, output: 1}, mode: chat}
  vectors: {mode: embedding, context_window: 8000}
  twin: {public_name: acme-twin, context_window: 128000, supports_tools: true, mode: chat}
  old: {mode: chat, lifecycle: {status: retired, retires: 2024-01-02, successor: fast}}
"""
OTHER = """\
name: Other
litellm_provider: openai
api_base: http://localhost:9/v1
api_key: none
models:
  free: {context_window: 64000, supports_tools: true, mode: chat}
  twin: {public_name: other-twin, context_window: 64000, supports_tools: true, mode: chat}
  "many/*": {public_name: "many/*"}
"""
ROUTES = """\
active:
  target: fast
  requires: {tools: true, context_window: 4000}
side:
  target: free
"""


def write_catalog(root: Path, **files: str) -> Path:
    """`catalog/` below `root`; keywords replace or add files: `routes="..."`, `providers_acme="..."`."""
    texts = {"providers_acme": ACME, "providers_other": OTHER, "routes": ROUTES, **files}
    for name, text in texts.items():
        path = root / "catalog" / f"{name.replace('_', '/', 1)}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root / "catalog"


def settings_for(catalog: Path, store: str | None = None, **more: Any) -> Settings:
    state = catalog.parent / ".modelctl"
    state.mkdir(exist_ok=True)
    return Settings(catalog, state, store or str(state), "http://127.0.0.1:1", **more)


def make_service(catalog: Path, store: Store | None = None, **more: Any) -> Service:
    return Service(store or open_store(str(settings_for(catalog).state)), Builder(catalog), **more)


def report(
    store: Store,
    name: str = "w1",
    *,
    unset: Iterable[str] = (),
    error: str | None = None,
    version: int | None = None,
    litellm: str | None = None,
) -> Worker:
    """What a worker that follows the store would say now."""
    head = store.head()
    worker = Worker(
        id=name, pid=os.getpid(), host=socket.gethostname(), version=head.version if version is None else version,
        revision=head.revision, error=error, at=time.time(), unset=tuple(unset),
        litellm=litellm,
    )  # fmt: skip
    store.report(worker)
    return worker


class Follower:
    """A worker that acks each head as it comes; `nack` or `deaf` change its mind."""

    def __init__(self, folder: Path, name: str = "w1", *, nack: str | None = None, deaf: bool = False) -> None:
        self.store = open_store(str(folder))
        self.name, self.nack, self.deaf = name, nack, deaf
        self._over = threading.Event()
        report(self.store, name, error=nack)
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()

    def _follow(self) -> None:
        version = self.store.head().version
        while not self._over.wait(0.002):
            now = self.store.bell()[0]
            if now != version:
                report(self.store, self.name, error=self.nack, version=version if self.deaf else None)
                version = version if self.deaf else now

    def stop(self) -> None:
        self._over.set()
        self._thread.join()
        self.store.forget(self.name)
        self.store.close()


class Plane:
    """The API on a real socket. `client` sends what a program on this machine would send."""

    def __init__(
        self, catalog: Path, *, watching: bool = False, loopback: bool = True, peers: Peers | None = None, **more: Any
    ) -> None:
        self.catalog = catalog
        self.settings = settings_for(catalog, **more)
        self.store = open_store(self.settings.store, copies=self.settings.state / "copies")
        self.service = make_service(catalog, self.store, render_is_current=Rendered(self.settings))
        span = lifespan(self.service, self.settings, lambda outcome: None) if watching else None
        if not watching:
            self.service.publish()
        app = create_app(self.service, self.settings, loopback=loopback, lifespan=span, peers=peers)
        self._socket = listen()
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1))
        app.state.feed.ending = app.state.store_feeds.heads.ending = lambda: self._server.should_exit
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), daemon=True)
        self._thread.start()
        wait_until(lambda: self._server.started, "the API listens")
        # Without `verify=False` each client reads all the certificates of certifi, 20 ms, for an http:// address too.
        self.client = httpx.Client(base_url=self.url, timeout=10, trust_env=False, verify=False)

    def select(self, model_id: str, **more: Any) -> httpx.Response:
        return self.client.post("/models/select", json={"model_id": model_id, **more})

    def stop(self) -> None:
        self.client.close()
        self._server.should_exit = True
        self._thread.join(10)
        assert not self._thread.is_alive(), "the API did not end"
        self.store.close()
