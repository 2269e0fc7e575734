"""What a worker can be told to run, as a reader has read it: a stored revision, or the content of a config file.

Values and arithmetic on them: nothing here reads, logs or touches LiteLLM.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Protocol

from modelctl.errors import Problem
from modelctl.state.blocking import OutOfTraffic, out_of_traffic
from modelctl.state.desired import Deployment, DesiredState
from modelctl.state.router_config import RouterConfig, resolve_routes
from modelctl.state.routes import covers, splits, targets
from modelctl.state.selection import BLOCKS, Selections


class Revision(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def deployments(self) -> Mapping[str, Deployment]: ...

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What a check finds in it."""

    @property
    def surroundings(self) -> object:
        """What beside the deployments decides whether LiteLLM takes one of them."""

    def having(self, deployments: dict[str, Deployment]) -> Revision:
        """The same with these deployments instead of its own."""

    def config(self, selections: Selections, now: float) -> RouterConfig:
        """With the target that each route has at `now`."""


@dataclass(frozen=True)
class StoredRevision:
    """A published state of the catalog."""

    name: str
    desired: DesiredState
    problems: tuple[Problem, ...] = ()  # the control plane publishes nothing that has any
    _served: dict[frozenset[str], DesiredState] = field(default_factory=dict, compare=False, repr=False)

    @property
    def deployments(self) -> Mapping[str, Deployment]:
        return self.desired.deployments

    @property
    def surroundings(self) -> object:
        # The revision itself too: what a worker lacked (a file, a package) may be there by the next publish.
        return self.name, self.desired.settings, self.desired.env_defaults

    def having(self, deployments: dict[str, Deployment]) -> StoredRevision:
        return replace(self, desired=replace(self.desired, deployments=deployments), _served={})

    def config(self, selections: Selections, now: float) -> RouterConfig:
        possible = self._possible(selections)
        routes = self.desired.routes
        out = out_of_traffic(selections, self._names, now) if selections.get(BLOCKS) else None
        pointed, dealt = targets(routes, possible, now), splits(routes, possible, now)
        return resolve_routes(self._serving(out), pointed, dealt, out)

    def _serving(self, out: OutOfTraffic | None) -> DesiredState:
        """Without the deployments that are out of traffic; the same object while the same ones are."""
        if out is None:
            return self.desired
        names = frozenset(out.why)
        if names not in self._served:
            kept = {id_: each for id_, each in self.desired.deployments.items() if each.group not in names}
            self._served.clear()
            self._served[names] = replace(self.desired, deployments=kept)
        return self._served[names]

    def _possible(self, selections: Selections) -> Selections:
        """Without those of models that only a refused revision has: a route must not lead nowhere."""
        names = self._names if selections else set()
        return {
            route: tuple(selection for selection in stack if all(covers(names, name) for name in selection.models))
            for route, stack in selections.items()
            if route != BLOCKS
        }

    @cached_property
    def _names(self) -> set[str]:
        """Each selection asks for them, while the revision stays."""
        return self.desired.public_names


@dataclass(frozen=True, slots=True)
class FileRevision:
    """The content of a config file. `copy` is what its reader saves as the last good state."""

    name: str
    written: RouterConfig
    problems: tuple[Problem, ...] = ()
    copy: object = None

    @property
    def deployments(self) -> Mapping[str, Deployment]:
        return self.written.deployments

    @property
    def surroundings(self) -> object:
        return self.written.settings

    def having(self, deployments: dict[str, Deployment]) -> FileRevision:
        return replace(self, written=replace(self.written, deployments=deployments))

    def config(self, selections: Selections, now: float) -> RouterConfig:
        return self.written


def without(revision: Revision, ids: Iterable[str], running: Mapping[str, Deployment]) -> Revision:
    """`revision` without some of its deployments; a group that would be left empty goes on with what it has now."""
    out = revision.deployments.keys() & set(ids)
    if not out:
        return revision
    kept = {id_: deployment for id_, deployment in revision.deployments.items() if id_ not in out}
    empty = {revision.deployments[id_].group for id_ in out} - {each.group for each in kept.values()}
    kept |= {id_: deployment for id_, deployment in running.items() if deployment.group in empty and id_ not in out}
    return revision.having(kept)
