"""The control plane's API over a state folder that others fill, without a catalog: it only reads, selects and asks."""

from __future__ import annotations

import threading
from pathlib import Path

import httpx
import uvicorn

from modelctl.api.application import create_app
from modelctl.project import Settings
from modelctl.service import Service
from modelctl.store import open_store
from support.processes import listen
from support.waiting import wait_until


class PlaneOver:
    def __init__(self, state: Path) -> None:
        self.store = open_store(str(state))
        settings = Settings(state.parent / "catalog", state, str(state), "http://127.0.0.1:1")
        self._socket = listen()
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        config = uvicorn.Config(
            create_app(Service(self.store), settings), log_level="warning", timeout_graceful_shutdown=1
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), daemon=True)
        self._thread.start()
        wait_until(lambda: self._server.started, "the API listens")
        self.client = httpx.Client(base_url=self.url, timeout=10, trust_env=False, verify=False)

    def stop(self) -> None:
        self.client.close()
        self._server.should_exit = True
        self._thread.join(10)
        assert not self._thread.is_alive(), "the API did not end"
        self.store.close()
