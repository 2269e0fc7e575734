"""Where an answer came from: revision, route, selection and worker, as headers and for what is kept of a request."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import quote

from modelctl.hook.hook_state import State
from modelctl.hook.revisions import Revision, StoredRevision
from modelctl.state.desired import Route
from modelctl.state.request_record import RequestOrigin
from modelctl.state.routes import effective, targets
from modelctl.state.selection import Selection

if TYPE_CHECKING:  # LiteLLM: a test of what answers say does without
    from modelctl.hook.follow import Follower
    from modelctl.hook.offered import OfferedNames

REVISION, ROUTE, SELECTION, WORKER = (f"x-modelctl-{name}" for name in ("revision", "route", "selection", "worker"))
_PLAIN = "/:.@+*"  # what stands in a name as it is; everything else that is no letter or digit is percent-encoded


@dataclass(frozen=True)
class Provenance:
    """Of the answers for one name, until the worker's state changes: most requests find it as it is."""

    origin: RequestOrigin

    @cached_property
    def headers(self) -> Mapping[str, str]:
        """`x-modelctl-selection: TARGET; SOURCE`, and three more. No content, no keys."""
        origin = self.origin
        found = {WORKER: quote(origin.worker, safe=_PLAIN)}
        if origin.revision is not None:
            found[REVISION] = origin.revision
        if origin.route is not None and origin.target is not None:
            found[ROUTE] = quote(origin.route, safe=_PLAIN)
            found[SELECTION] = f"{quote(origin.target, safe=_PLAIN)}; {origin.source}"
        return found


class ProvenanceOf:
    """Called with the name that was asked for, which may be the alias of a split's arm."""

    def __init__(self, follower: Follower, worker: str, names: OfferedNames) -> None:
        self._follower, self._worker, self._names = follower, worker, names
        self._state: State | None = None  # that all below is true of
        self._until = 0.0
        self._direct = Provenance(RequestOrigin(worker))  # of what is no route: names are many
        self._by_name: dict[str, Provenance] = {}
        self._good: Revision | None = None
        self._routes: Mapping[str, Route] = {}  # by each of its names

    def __call__(self, asked: str) -> Provenance:
        state = self._follower.state
        if state is not self._state or self._follower.now() >= self._until:
            self._begin(state)
        return self._by_name.get(asked) or self._found(asked)

    def _begin(self, state: State) -> None:
        self._state, self._until, self._by_name = state, state.turn_at or math.inf, {}
        if state.good is not self._good:
            self._good = state.good
            stored = state.good if isinstance(state.good, StoredRevision) else None
            self._direct = Provenance(RequestOrigin(self._worker, stored.name if stored else None))
            routes = stored.desired.routes.values() if stored else ()
            self._routes = {name: route for route in routes for name in route.names}

    def _found(self, asked: str) -> Provenance:
        route = self._routes.get(self._names.asked(asked))
        if route is None:
            return self._direct
        found = self._by_name[asked] = Provenance(self._origin(route, asked))
        return found

    def _origin(self, route: Route, asked: str) -> RequestOrigin:
        now, name = self._follower.now(), self._names.asked(asked)
        selections = self._follower.state.head.selections
        pointed, dealt = targets({route.name: route}, selections, now)[route.name], name != asked
        target = asked.removeprefix(f"{name}#") if dealt else self._names.target(name) or pointed
        chosen = effective(selections.get(route.name, ()), now)
        origin = self._chosen(self._direct.origin.revision, route.name, target, chosen, dealt=dealt)
        return replace(origin, source="block", left=pointed) if not dealt and target != pointed else origin

    def _chosen(
        self, revision: str | None, route: str, target: str, chosen: Selection | None, *, dealt: bool
    ) -> RequestOrigin:
        if chosen is None:
            return RequestOrigin(self._worker, revision, route, target, "git", dealt=dealt)
        return RequestOrigin(
            self._worker, revision, route, target, source_of(chosen), chosen.actor, chosen.reason, chosen.at,
            left=chosen.guarded, dealt=dealt,
        )  # fmt: skip


def source_of(chosen: Selection) -> str:
    """Who chose: people, the route's guard, or a budget that was spent."""
    return "guard" if chosen.guarded is not None else "budget" if chosen.spent else "run-time"
