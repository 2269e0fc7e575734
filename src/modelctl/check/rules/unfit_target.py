"""A route's default target would be refused if somebody selected it.

It does not meet the route's own `requires` or `choices`, or is retired.

Before:

    active: {target: tiny, requires: {context_window: 100000}}

After:

    active: {target: gpt-6-luna, requires: {context_window: 100000}}
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from modelctl.check.found import Found, Spot
from modelctl.check.subject import Subject
from modelctl.state.desired import Route
from modelctl.state.routes import refusals

if TYPE_CHECKING:
    from modelctl.check.subject_parts import CatalogPart

SEVERITY = "warning"
INPUTS = ("catalog",)


def whole(subject: Subject) -> Iterator[Found]:
    for route in subject.catalog.routes.values() if subject.catalog else ():
        yield from _of_route(subject.catalog, route, subject.today) if subject.catalog else ()


def _of_route(catalog: CatalogPart, route: Route, today: date) -> Iterator[Found]:
    names, spot = catalog.names, Spot(catalog.routes_document, (route.name,))
    models = [offer.model for offer in names.rendered_offers(route.target)]
    doubtful = not models and (route.target in names.hidden or not names.complete)
    if names.known(route.target) and not doubtful:
        for refusal in refusals(route, models, (), today):
            text = f"the default target of route `{route.name}` does not fit it: {refusal.message}"
            yield Found(text, spot.inside("target", value=True), beside=True)
    for name, _ in route.split or ():
        models = [offer.model for offer in names.rendered_offers(name)]
        fits = not models or name == route.target or not names.known(name)
        for refusal in () if fits else refusals(route, models, (), today):
            yield Found(f"as an arm {refusal.message}", spot.inside("split", name), beside=True)
