"""Upstream, aimock, store and a real proxy with two workers: booted once, put back in order for every test."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import yaml

from modelctl.state.desired import Deployment, DesiredState
from modelctl.state.router_config import resolve_routes
from modelctl.state.selection import Head, HistoryEntry, Selection, Selections
from modelctl.state.selection import Worker as Row
from modelctl.store import open_store
from support import in_worker
from support.aimock import Aimock
from support.models import base_world, variables
from support.proxy import Workers
from support.proxy_client import Client
from support.upstream import Upstream
from support.waiting import wait_until


class Stack:
    """`publish` and `point` write to the store as the control plane does, without one running.

    They come back when every worker has said that it is there; with `wait=False` at once. `base`: what it boots on.
    """

    def __init__(
        self, folder: Path, upstream: Upstream, aimock: Aimock, workers: int = 2, *, base: DesiredState | None = None
    ) -> None:
        self.folder, self.state = folder, folder / "state"
        self.upstream, self.aimock = upstream, aimock
        self.store = open_store(str(self.state))
        self.base = base or base_world()
        self.desired = self.base
        self.publish(self.base, wait=False)
        config = folder / "litellm_config.yaml"
        config.write_text(yaml.safe_dump(resolve_routes(self.base, {}).config()))
        env = {**variables(upstream.url, aimock.url), **in_worker.environment(folder)}
        self.proxy = Workers(folder / "proxy", self.state, config, count=workers, env=env)

    @property
    def client(self) -> Client:
        return self.proxy.client

    @property
    def clients(self) -> list[Client]:
        """One per worker."""
        return self.proxy.clients

    def publish(self, desired: DesiredState, *, selections: Selections | None = None, wait: bool = True) -> Head:
        entry = HistoryEntry("publish", time.time(), "tests", revision=desired.revision)
        head = self.store.commit(self.store.head().version, desired=desired, selections=selections, entries=[entry])
        self.desired = desired
        return self._come_back(head, wait)

    def publish_deployments(self, deployments: Iterable[Deployment], wait: bool = True) -> Head:
        """Publish what is there now, with these for all its deployments."""
        return self.publish(replace(self.desired, deployments={each.id: each for each in deployments}), wait=wait)

    def add(self, *deployments: Deployment, wait: bool = True) -> Head:
        """Publish what is there now and these."""
        return self.publish_deployments([*self.desired.deployments.values(), *deployments], wait)

    def refused(self, *deployments: Deployment) -> list[str]:
        """Publish what is there now and these, which must be refused; what each worker says."""
        head = self.add(*deployments, wait=False)

        def nacked() -> list[str]:
            said = [str(row.error) for row in self.rows() if row.version >= head.version and row.error]
            return said if len(said) == len(self.proxy.workers) else []

        return wait_until(nacked, "a nack of each", every=0.002)

    def remove(self, names: Iterable[str], wait: bool = True) -> Head:
        gone = set(names)
        return self.publish_deployments(
            [each for each in self.desired.deployments.values() if each.group not in gone], wait
        )

    def point(self, target: str, route: str = "active", *, until: float | None = None, wait: bool = True) -> Head:
        """Select `target` for `route`; `until` in epoch seconds."""
        head, now = self.store.head(), time.time()
        chosen = Selection(target, self.desired.routes[route].target, "tests", now, until=until)
        stack = (*head.selections.get(route, ()), chosen)
        entry = HistoryEntry("select", now, "tests", route=route, after=target)
        head = self.store.commit(head.version, selections={**head.selections, route: stack}, entries=[entry])
        return self._come_back(head, wait)

    def reset(self) -> None:
        """As at the start: base models, no selection, an upstream that behaves."""
        self.upstream.reset()
        self.aimock.forget()
        head = self.store.head()
        if head.revision != self.base.revision or head.selections:
            self.publish(self.base, selections={})

    def rows(self) -> list[Row]:
        """What our workers last said of themselves."""
        pids = {worker.pid for worker in self.proxy.workers}
        return [row for row in self.store.workers() if row.pid in pids]

    def settled(self, version: int, timeout: float = 10.0) -> None:
        """Until every worker of ours has acked `version`."""

        def acked() -> bool:
            rows = self.rows()
            return len(rows) == len(self.proxy.workers) and all(row.acked(version) for row in rows)

        wait_until(acked, f"every worker runs version {version}; they say {self.rows()}", timeout, every=0.002)

    def _come_back(self, head: Head, wait: bool) -> Head:
        if wait:
            self.settled(head.version)
        return head

    def stop(self) -> None:
        self.proxy.stop()
        self.store.close()
