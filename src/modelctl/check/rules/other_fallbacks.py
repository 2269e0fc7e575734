"""Fallbacks of one name are written twice.

LiteLLM looks for the first that fits and never sees the second. In a catalog this happens to models that share a
public name: the chain of the first counts for the whole group.

Before:

    fallbacks:
      - gpt: [claude]
      - gpt: [gemini]

After:

    fallbacks:
      - gpt: [claude, gemini]
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from modelctl.check.entry import Chain
from modelctl.check.found import Found, Spot
from modelctl.check.subject import Subject
from modelctl.litellm_spec.config import DEFAULT_FALLBACKS, FALLBACK_KINDS

if TYPE_CHECKING:
    from modelctl.catalog.compiled_provider import CatalogModel
    from modelctl.check.catalog_names import CatalogNames

SEVERITY = "warning"


@dataclass(frozen=True)
class _Again:
    """Fallbacks that LiteLLM never sees: of that kind, a name has others at `first`."""

    name: str
    kind: str
    spot: Spot
    first: Spot


def whole(subject: Subject) -> Iterator[Found]:
    for model in _in_models(subject.catalog.names) if subject.catalog else _in_sections(subject.chains):
        yield Found(f"`{model.name}` has {model.kind} already, at {model.first.shown}: those count", model.spot)
    yield from _of_a_model(subject.catalog.names) if subject.catalog else ()


def _in_sections(chains: Iterable[Chain]) -> Iterator[_Again]:
    first: dict[tuple[str, str], Chain] = {}
    for chain in chains:
        other = first.setdefault((chain.kind, chain.name), chain)
        same_section = chain.spot.path[0] == other.spot.path[0]
        if other is not chain and chain.kind != DEFAULT_FALLBACKS and same_section:
            yield _Again(chain.name, chain.kind, chain.spot, other.spot)


def _in_models(names: CatalogNames) -> Iterator[_Again]:
    """Models of one public name: equal chains may stand on each."""
    for name in names.shared_names:
        for kind in FALLBACK_KINDS:
            written = [offer for offer in names.rendered_offers(name) if getattr(offer.written, kind)]
            for other in written[1:]:
                if getattr(other.written, kind) != getattr(written[0].written, kind):
                    yield _Again(name, kind, _at(other, kind), _at(written[0], kind))


def _at(offer: CatalogModel, kind: str) -> Spot:
    return Spot(offer.document, (*offer.path, kind))


def _of_a_model(names: CatalogNames) -> Iterator[Found]:
    """Fallbacks that stand on a wildcard, for a name that has a model of its own."""
    for part in (part for part in names.parts if part.fallbacks):
        keys = (set().union(*part.fallbacks.values()) - part.offers.keys()) & names.rendered
        for offer in part.each_offer if keys else ():
            for name, path, _ in offer.chained if offer.written.serves and offer.rendered else ():
                if name in keys:
                    model = names.offers(name)[0].place
                    text = f"`{name}` is a model of its own, at {model}: its fallbacks stand there"
                    yield Found(text, Spot(offer.document, tuple(path)))
