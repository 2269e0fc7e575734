"""A route has a guard, and nothing that the guard could switch to.

`then: fallback` takes the first fallback that is fit: the route's own, or those of its target. At run time the status
says the same of a guard whose target fails while none of them is fit.

Before:

    active: {target: gpt-6-luna, guard: {error_rate: 0.2}}

After:

    active: {target: gpt-6-luna, fallbacks: [claude-haiku-5-5], guard: {error_rate: 0.2}}
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from modelctl.check.found import Found, Spot
from modelctl.check.subject import Subject
from modelctl.state.desired import Route
from modelctl.state.terms import FALLBACK, Guard

if TYPE_CHECKING:
    from modelctl.check.subject_parts import CatalogPart

SEVERITY = "error"
INPUTS = ("catalog",)
EMITTED_BY = "modelctl.service.route_guards"


def whole(subject: Subject) -> Iterator[Found]:
    if subject.catalog:
        for route in subject.catalog.routes.values():
            if route.guard and (found := _judge(subject.catalog, route, route.guard)):
                yield found


def _judge(catalog: CatalogPart, route: Route, guard: Guard) -> Found | None:
    spot = Spot(catalog.routes_document, (route.name, "guard"))
    if guard.then == FALLBACK:
        if any(step != route.target for step in _chain(catalog, route)):
            return None
        hint = f"fallbacks: [another public name] on `{route.name}`, or `then: another public name`"
        return Found(f"the guard of route `{route.name}` has no fallback to switch to", spot, hint)
    if guard.then != route.target or not catalog.names.known(guard.then):
        return None
    text = f"the guard of route `{route.name}` switches to `{route.target}`, which it guards"
    return Found(text, spot.inside("then", value=True), "then: another public name")


def _chain(catalog: CatalogPart, route: Route) -> Sequence[str]:
    if route.fallbacks is not None:
        return route.fallbacks
    chains = (part.fallbacks.get("fallbacks", {}) for part in catalog.names.parts)
    return [step for chain in chains for step in chain.get(route.target, ())]
