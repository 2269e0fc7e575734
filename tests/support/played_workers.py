"""LiteLLM workers as the control plane sees them: rows in the store, kept fresh, played by the test."""

from __future__ import annotations

import os
import socket
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from modelctl.state.routes import targets
from modelctl.state.selection import Worker
from modelctl.store import desired_state, open_store

SPEAK_EVERY_S = 2.0
LOOK_EVERY_S = 0.003


class Fleet:
    """Acks each head as it comes. `say` changes what a worker says of itself, `deafen` keeps it from following."""

    def __init__(self, state: Path, *names: str) -> None:
        self._store = open_store(str(state))
        self._lock = threading.Lock()
        self._deaf: set[str] = set()
        self._names = names
        self._workers = self._fresh()
        self._over = threading.Event()
        self._speak()
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()

    def _fresh(self) -> dict[str, Worker]:
        blank = Worker("", os.getpid(), socket.gethostname(), litellm="1.106.12", took_ms=4.2)
        return {name: replace(blank, id=name) for name in self._names}

    def reset(self) -> None:
        """All of them there, well and listening."""
        with self._lock:
            self._workers, self._deaf = self._fresh(), set()
        self._speak()

    def say(self, name: str, **fields: Any) -> None:
        """Fields of `Worker`: unset, restart_needed, error, took_ms, revision."""
        with self._lock:
            self._workers[name] = replace(self._workers[name], **fields)
        self._speak()

    def deafen(self, name: str) -> None:
        with self._lock:
            self._deaf.add(name)

    def leave(self, name: str) -> None:
        with self._lock:
            del self._workers[name]
        self._store.forget(name)

    def stop(self) -> None:
        self._over.set()
        self._thread.join()
        self._store.close()

    def _follow(self) -> None:
        heard, spoke = self._store.bell()[0], time.monotonic()
        while not self._over.wait(LOOK_EVERY_S):
            now = self._store.bell()[0]
            if now != heard or time.monotonic() - spoke > SPEAK_EVERY_S:
                heard, spoke = now, time.monotonic()
                self._speak()

    def _speak(self) -> None:
        head = self._store.head()
        routes = desired_state(self._store, head.revision).routes if head.revision else {}
        with self._lock:
            for name, worker in self._workers.items():
                said = replace(worker, at=time.time())
                if name not in self._deaf:
                    revision = worker.revision if worker.error else head.revision
                    pointed = targets(routes, head.selections, time.time())
                    said = replace(said, version=head.version, revision=revision, targets=pointed)
                self._workers[name] = said
                self._store.report(said)
