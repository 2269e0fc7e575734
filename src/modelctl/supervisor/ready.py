"""Whether the control plane has published and the workers run it: asked, not assumed."""

from __future__ import annotations

import http.client
import json
from contextlib import suppress
from typing import Any

from modelctl.errors import StoreDown
from modelctl.project import reachable
from modelctl.store import Store


def get(host: str, port: int, path: str, timeout: float = 5.0) -> tuple[int, Any] | None:
    """(status, JSON body) or None when nobody answers."""
    connection = http.client.HTTPConnection(reachable(host), port, timeout=timeout)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read()
        with suppress(ValueError):
            return answer.status, json.loads(body)
        return answer.status, None
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def answered(store: Store, pids: set[int]) -> dict[int, str | None]:
    """Those of our workers that have answered what is published: None where they run it, else what they refuse.

    Empty while the store cannot be read.
    """
    try:
        version = store.head().version
        workers = (worker for worker in store.workers() if worker.pid in pids and worker.version >= version)
        return {worker.pid: worker.error for worker in workers}
    except StoreDown:
        return {}
