"""Whether the control plane has published and the workers run it: asked, not assumed."""

from __future__ import annotations

import http.client
import json
import ssl
from contextlib import suppress
from typing import Any

from modelctl.errors import StoreDown
from modelctl.project import reachable
from modelctl.store import Store, worker_process


def get(host: str, port: int, path: str, timeout: float = 5.0, *, tls: bool = False) -> tuple[int, Any] | None:
    """(status, JSON body) or None when nobody answers. `tls`: a child of ours; its certificate names another host."""
    connection = _connection(reachable(host), port, timeout, tls)
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


def _connection(host: str, port: int, timeout: float, tls: bool) -> http.client.HTTPConnection:
    if not tls:
        return http.client.HTTPConnection(host, port, timeout=timeout)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return http.client.HTTPSConnection(host, port, timeout=timeout, context=context)


def answered(store: Store, pids: set[int]) -> dict[int, str | None]:
    """Those of our workers that have answered what is published: None where they run it, else what they refuse.

    Empty while the store cannot be read. Workers of other hosts may share the store, and have pids like ours.
    """
    try:
        version = store.head().version
        ours = (each for each in store.workers() if each.pid in pids)
        here = (each for each in ours if worker_process.visible(each.host, each.namespace))
        return {worker.pid: worker.error for worker in here if worker.version >= version}
    except StoreDown:
        return {}
