"""A server that can leave without a lost request: it hands its connections over before it ends."""

from __future__ import annotations

import os
import time
from types import FrameType

import uvicorn

CLOSE = (b"connection", b"close")


class DrainingServer(uvicorn.Server):
    """SIGTERM: ends, and gives open answers `timeout_graceful_shutdown` seconds.

    `drain`: others serve the port already. Takes no new connection, asks for each open one to be closed with its next
    answer, and ends when none is left: idle ones go after `timeout_keep_alive` seconds, as they do at any time.
    """

    _draining_since: float | None = None

    def drain(self) -> None:
        """For a signal handler. A server that serves nobody yet ends at once."""
        if not self.started:
            os._exit(0)
        self._draining_since = self._draining_since or time.monotonic()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """uvicorn would first import LiteLLM to its end (20 s): the next `up` wants the port."""
        if not self.started:
            os._exit(0)
        super().handle_exit(sig, frame)

    async def on_tick(self, counter: int) -> bool:
        if self._draining_since is not None:
            self._hand_over()
        return await super().on_tick(counter)

    def _hand_over(self) -> None:
        for server in self.servers:
            server.close()
        if CLOSE not in self.config.encoded_headers:
            self.config.encoded_headers.append(CLOSE)
            self.server_state.default_headers = [*self.server_state.default_headers, CLOSE]
        if not self.server_state.connections and not self.server_state.tasks:
            self.should_exit = True
