"""Two routes share a name, or one route has it twice.

A name belongs to one route, `also:` included.

Before:

    active: {target: gpt-5, also: [default]}
    default: {target: gpt-6-luna}

After:

    active: {target: gpt-5}
    default: {target: gpt-6-luna}
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from modelctl.check.found import Found, Spot
from modelctl.check.subject import Subject
from modelctl.state.desired import Route

if TYPE_CHECKING:
    from modelctl.check.subject_parts import CatalogPart

SEVERITY = "error"
INPUTS = ("catalog",)


def whole(subject: Subject) -> Iterator[Found]:
    for route in subject.catalog.routes.values() if subject.catalog else ():
        yield from _further_names(subject.catalog, route) if subject.catalog else ()


def _further_names(catalog: CatalogPart, route: Route) -> Iterator[Found]:
    """What stands under `also` must be nobody else's name."""
    others = (other for other in catalog.routes.values() if other is not route)
    taken = {name: other for other in others for name in other.names} if route.also else {}
    for index, name in enumerate(route.also):
        spot = Spot(catalog.routes_document, (route.name, "also", index), value=True)
        if name in taken:
            text = f"`{name}`, a further name of route `{route.name}`, is also a name of route `{taken[name].name}`"
            yield Found(text, spot, "a name belongs to one route", beside=True)
        if name in (route.name, *route.also[:index]):
            text = f"`{name}` stands twice among the names of route `{route.name}`"
            yield Found(text, spot, severity="warning", beside=True)
