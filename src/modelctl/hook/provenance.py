"""Response headers that say where an answer came from: revision, route, selection and worker. No content, no keys."""

from __future__ import annotations

import time
from urllib.parse import quote

from modelctl.hook.follow import Follower
from modelctl.hook.offered import OfferedNames
from modelctl.hook.revisions import StoredRevision
from modelctl.state.desired import DesiredState
from modelctl.state.routes import effective, targets

REVISION, ROUTE, SELECTION, WORKER = (f"x-modelctl-{name}" for name in ("revision", "route", "selection", "worker"))
_PLAIN = "/:.@+*"  # what stands in a name as it is; everything else that is no letter or digit is percent-encoded


class Provenance:
    def __init__(self, follower: Follower, worker: str, names: OfferedNames) -> None:
        self._follower, self._worker, self._names = follower, quote(worker, safe=_PLAIN), names
        self._desired: DesiredState | None = None
        self._routes: dict[str, str] = {}  # each name of a route -> its first

    def headers(self, asked: str) -> dict[str, str]:
        """For a request that named `asked`: `x-modelctl-selection: TARGET; git`, `run-time` where somebody chose,
        `guard` where the route's guard did, `block` where TARGET answers for a model that is blocked."""
        found, state = {WORKER: self._worker}, self._follower.state
        if not isinstance(state.good, StoredRevision):
            return found
        found[REVISION] = state.good.name
        desired = state.good.desired
        if desired is not self._desired:
            self._desired = desired
            self._routes = {name: route.name for route in desired.routes.values() for name in route.names}
        name = self._names.asked(asked)
        route = self._routes.get(name)
        if route is not None:
            now, selections = time.time(), state.head.selections
            pointed = targets({route: desired.routes[route]}, selections, now)[route]
            target = asked.removeprefix(f"{name}#") if name != asked else self._names.target(name) or pointed
            chosen = effective(selections.get(route, ()), now)
            source = "git" if chosen is None else "run-time" if chosen.guarded is None else "guard"
            source = "block" if name == asked and target != pointed else source
            found |= {ROUTE: quote(route, safe=_PLAIN), SELECTION: f"{quote(target, safe=_PLAIN)}; {source}"}
        return found
