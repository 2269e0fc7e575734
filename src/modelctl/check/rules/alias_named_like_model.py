"""An alias (or a route) has the name of a model.

LiteLLM looks aliases up first: the model can no longer be called, its requests go to the alias's target, and its
budget and limits with them.

Before:

    model_list:
      - model_name: gpt-6-luna
        litellm_params: {model: openai/gpt-6-luna}
      - model_name: claude
        litellm_params: {model: anthropic/claude-haiku-4-5}
    router_settings:
      model_group_alias: {gpt-6-luna: claude}

After:

    router_settings:
      model_group_alias: {fast: claude}
"""

from __future__ import annotations

from collections.abc import Iterator

from modelctl.check.entry import Alias
from modelctl.check.found import Found, Spot
from modelctl.check.subject import Subject

SEVERITY = "error"


def whole(subject: Subject) -> Iterator[Found]:
    for alias in _aliases(subject):
        if where := _model(subject, alias):
            text = f"{alias.role} has the name of a model, at {where.shown}: it takes all its requests"
            yield Found(text, alias.named, "choose another name")


def _aliases(subject: Subject) -> Iterator[Alias]:
    """A catalog without models has no name to take."""
    yield from subject.aliases if subject.catalog is None or subject.catalog.routes else ()


def _model(subject: Subject, alias: Alias) -> Spot | None:
    """A model of that name; in a catalog also one that is retired, since it may come back."""
    if subject.catalog:
        offer = next(iter(subject.catalog.names.offers(alias.name)), None)
        return Spot(offer.document, tuple(offer.path)) if offer else None
    named = subject.groups.get(alias.name) if alias.target != alias.name else None
    return named[0].at("model_name") if named else None
