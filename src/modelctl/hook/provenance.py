"""Where an answer came from: revision, route, selection and worker, as headers and for what is kept of a request."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import quote

from modelctl.hook.follow import Follower
from modelctl.hook.offered import OfferedNames
from modelctl.hook.revisions import StoredRevision
from modelctl.state.desired import DesiredState
from modelctl.state.request_record import RequestOrigin
from modelctl.state.routes import effective, targets
from modelctl.state.selection import Selection

REVISION, ROUTE, SELECTION, WORKER = (f"x-modelctl-{name}" for name in ("revision", "route", "selection", "worker"))
_PLAIN = "/:.@+*"  # what stands in a name as it is; everything else that is no letter or digit is percent-encoded


def headers(origin: RequestOrigin) -> dict[str, str]:
    """`x-modelctl-selection: TARGET; SOURCE`, and three more. No content, no keys."""
    found = {WORKER: quote(origin.worker, safe=_PLAIN)}
    if origin.revision is not None:
        found[REVISION] = origin.revision
    if origin.route is not None and origin.target is not None:
        found[ROUTE] = quote(origin.route, safe=_PLAIN)
        found[SELECTION] = f"{quote(origin.target, safe=_PLAIN)}; {origin.source}"
    return found


class Provenance:
    def __init__(self, follower: Follower, worker: str, names: OfferedNames) -> None:
        self._follower, self._worker, self._names = follower, worker, names
        self._desired: DesiredState | None = None
        self._routes: Mapping[str, str] = {}  # each name of a route -> its first

    def origin(self, asked: str) -> RequestOrigin:
        """For a request that named `asked`, which may be the alias of a split's arm."""
        state = self._follower.state
        if not isinstance(state.good, StoredRevision):
            return RequestOrigin(self._worker)
        desired = state.good.desired
        if desired is not self._desired:
            self._desired = desired
            self._routes = {name: route.name for route in desired.routes.values() for name in route.names}
        name = self._names.asked(asked)
        route = self._routes.get(name)
        if route is None:
            return RequestOrigin(self._worker, state.good.name)
        now, selections = time.time(), state.head.selections
        pointed, dealt = targets({route: desired.routes[route]}, selections, now)[route], name != asked
        target = asked.removeprefix(f"{name}#") if dealt else self._names.target(name) or pointed
        chosen = effective(selections.get(route, ()), now)
        origin = self._chosen(state.good.name, route, target, chosen, dealt=dealt)
        return replace(origin, source="block", left=pointed) if not dealt and target != pointed else origin

    def _chosen(
        self, revision: str, route: str, target: str, chosen: Selection | None, *, dealt: bool
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
