"""The budget of a model or route switches to what it bounds.

`then` is where routes go until midnight once the budget is spent. A model that is spent is nothing to go to, and a
route that goes where it points moves nothing: the day's budget warns, and is overspent. Without `then` it only warns.

Before:

    models:
      gpt-6-sol: {budget: {per_day: 20, then: gpt-6-sol}}

After:

    models:
      gpt-6-sol: {budget: {per_day: 20, then: gpt-6-luna}}
"""

from __future__ import annotations

from collections.abc import Iterator

from modelctl.check.found import Found, Spot
from modelctl.check.subject import Subject

SEVERITY = "error"
INPUTS = ("catalog",)
_HINT = "then: another public name, or leave it out"


def models(subject: Subject) -> Iterator[Found]:
    for offer in subject.models:
        if offer.model.budget and offer.model.budget["then"] == offer.public_name:
            spot = Spot(offer.document, (*offer.path, "budget", "then"), value=True)
            yield Found(f"the budget of `{offer.public_name}` switches to the model itself", spot, _HINT)


def whole(subject: Subject) -> Iterator[Found]:
    catalog = subject.catalog
    for route in catalog.routes.values() if catalog else ():
        if catalog and route.budget and route.budget.then == route.target:
            spot = Spot(catalog.routes_document, (route.name, "budget", "then"), value=True)
            yield Found(f"the budget of route `{route.name}` switches to `{route.target}`, its own target", spot, _HINT)
