"""A control plane as the origin of a worker's store: asked over HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from modelctl.errors import StoreDown
from modelctl.state.desired import Deployment
from modelctl.state.selection import Worker
from modelctl.store.control_client import ControlClient
from modelctl.store.http_wire import BODIES, HEAD, MOST_BODIES, REVISIONS, WORKERS, SeenHead, report_to_dict


class HttpOrigin:
    def __init__(self, client: ControlClient) -> None:
        self._client = client

    def head(self, tag: str | None, wait: float) -> SeenHead | None:
        answer = self._client.ask("GET", HEAD, tag=tag, wait=wait)
        try:
            return SeenHead.from_dict(answer) if answer is not None else None
        except (KeyError, TypeError, ValueError):
            raise StoreDown("the control plane's answer is none that this release understands") from None

    def manifest(self, revision: str) -> dict[str, Any]:
        answer = self._client.ask("GET", f"{REVISIONS}/{quote(revision, safe='')}") or {}
        found: dict[str, Any] = answer["manifest"]
        return found

    def deployments(self, ids: Sequence[str]) -> dict[str, Deployment]:
        found: dict[str, Deployment] = {}
        for start in range(0, len(ids), MOST_BODIES):
            answer = self._client.ask("POST", BODIES, {"deployments": ids[start : start + MOST_BODIES]}) or {}
            found |= {id_: Deployment(**body) for id_, body in answer["deployments"].items()}
        return found

    def now(self) -> float:
        return self._client.clock.now()

    def report(self, *workers: Worker) -> None:
        for worker in workers:
            self._client.ask("POST", WORKERS, report_to_dict(worker))

    def forget(self, worker_id: str) -> None:
        self._client.ask("DELETE", f"{WORKERS}/{quote(worker_id, safe='')}")

    def close(self) -> None:
        self._client.close()
