"""Whether the control plane has published and the workers run it: asked, not assumed."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from modelctl.desired import DesiredState
from modelctl.store import Store


def get(host: str, port: int, path: str, timeout: float = 2.0) -> tuple[int, Any] | None:
    """(status, JSON body) or None when nobody answers."""
    connection = http.client.HTTPConnection(_reachable(host), port, timeout=timeout)
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


def acked(store: Store, pids: set[int]) -> set[int]:
    """Those of our workers that run what is published."""
    version = store.head().version
    return {worker.pid for worker in store.workers() if worker.pid in pids and worker.acked(version)}


def unset(desired: DesiredState, environ: Mapping[str, str]) -> dict[str, list[str]]:
    """Provider -> the variables of its models that nobody set; every provider is in it."""
    known = {**desired.env_defaults, **{name: value for name, value in environ.items() if value}}
    wanted = {
        each.id: {name for model in each.models if model.rendered for name in model.references}
        for each in desired.providers
    }
    return {provider: sorted(names - known.keys()) for provider, names in wanted.items()}


def _reachable(host: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(host, host)
