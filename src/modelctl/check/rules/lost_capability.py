"""A route's fallback lacks what the route requires.

`requires` guards what may be selected; a fallback is not selected but tried, so requests that need tools, images or a
long context fail there at the worst moment.

Before:

    active:
      target: gpt-6-luna
      fallbacks: [text-only]
      requires: {tools: true}

After:

    active:
      target: gpt-6-luna
      fallbacks: [claude-haiku-4-5]
      requires: {tools: true}
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from modelctl.check.found import Found, Spot
from modelctl.check.subject import Subject
from modelctl.litellm_spec.config import FALLBACK_KINDS
from modelctl.state.desired import Route
from modelctl.state.routes import refusals

SEVERITY = "warning"
INPUTS = ("catalog",)


def whole(subject: Subject) -> Iterator[Found]:
    for route in subject.catalog.routes.values() if subject.catalog else ():
        for kind in FALLBACK_KINDS if subject.catalog and route.requires else ():
            yield from _in_chain(subject, route, kind)


def _in_chain(subject: Subject, route: Route, kind: str) -> Iterator[Found]:
    """A fallback that would be refused as a target, but for `choices`, which only say what people may select."""
    assert subject.catalog is not None
    spot = Spot(subject.catalog.routes_document, (route.name, kind))
    for index, step in enumerate(getattr(route, kind) or ()):
        models = [offer.model for offer in subject.catalog.names.rendered_offers(step)]
        for refusal in refusals(replace(route, choices="any"), models, (), subject.today) if models else ():
            yield Found(f"as a fallback {refusal.message}", spot.inside(index), beside=True)
