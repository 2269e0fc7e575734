"""Names of models that no model answers to: who says them, and where. Why that is so, two rules say."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from modelctl.check.found import Spot
from modelctl.check.subject import Subject
from modelctl.errors import Severity
from modelctl.litellm_spec import lookup
from modelctl.litellm_spec.config import FALLBACK_KINDS
from modelctl.state.desired import Route
from modelctl.state.terms import FALLBACK

if TYPE_CHECKING:
    from modelctl.catalog.compiled_provider import CatalogModel
    from modelctl.check.catalog_names import CatalogNames
    from modelctl.check.subject_parts import CatalogPart


@dataclass(frozen=True)
class Mention:
    """`words` ends where the name follows: "alias `fast` points to"."""

    words: str
    name: str
    spot: Spot
    severity: Severity = "error"


def unknown(subject: Subject) -> list[Mention]:
    """Looked for once, though two rules ask."""
    return subject.once(_unknown)


def _unknown(subject: Subject) -> list[Mention]:
    return list(_of_catalog(subject.catalog) if subject.catalog else _of_config(subject))


# -- a config file -----------------------------------------------------------------------------


def _of_config(subject: Subject) -> Iterator[Mention]:
    names = {alias.name for alias in subject.aliases} | _routing_groups(subject)
    for mention in _in_config(subject):
        name = mention.name
        if not (name in names or subject.has_model(name) or lookup.is_put_off(name)):
            yield mention


def _in_config(subject: Subject) -> Iterator[Mention]:
    for alias in subject.aliases:
        yield Mention(f"{alias.role} points to", alias.target, alias.spot)
    for chain in subject.chains:
        for name, _ in chain.steps:
            yield Mention(f"{chain.owner} falls back to", name, chain.spot)


def _routing_groups(subject: Subject) -> set[str]:
    """Names that LiteLLM gives to several groups together."""
    written = subject.section("router_settings").get("routing_groups")
    groups = (each for each in written if isinstance(each, Mapping)) if isinstance(written, list) else ()
    return {name for group in groups if isinstance(name := group.get("group_name"), str)}


# -- a catalog ---------------------------------------------------------------------------------


def _of_catalog(catalog: CatalogPart) -> Iterator[Mention]:
    names = catalog.names
    if not catalog.is_empty:
        yield from _of_models(names)
    for route in catalog.routes.values():
        spot = Spot(catalog.routes_document, (route.name,))
        yield from (mention for mention in _in_route(route, spot) if not names.known(mention.name))
    yield from (mention for mention in _in_tops(catalog) if not names.known(mention.name))


def _of_models(names: CatalogNames) -> Iterator[Mention]:
    """Only providers that say an unknown name are searched for the place."""
    for part in names.parts:
        odd = {name for name in part.mentions if name not in names.rendered and not names.known(name)}
        for offer in part.each_offer if odd else ():
            yield from _in_model(offer, names, odd)


def _in_model(offer: CatalogModel, names: CatalogNames, odd: Collection[str]) -> Iterator[Mention]:
    for owner, path, written in offer.chained if offer.rendered else ():
        for kind in FALLBACK_KINDS:
            for index, name in enumerate(getattr(written, kind) or ()):
                if name in odd:
                    yield Mention(f"`{owner}` falls back to", name, _value(offer, *path, kind, index))
    heir = offer.model.lifecycle.get("successor")
    if heir and heir in odd and not names.offers(heir):
        spot = _value(offer, *offer.path, "lifecycle", "successor")
        yield Mention(f"the successor of `{offer.public_name}` is", heir, spot, "warning")
    if offer.model.budget and (then := offer.model.budget["then"]) in odd:
        spot = _value(offer, *offer.path, "budget", "then")
        yield Mention(f"the budget of `{offer.public_name}` switches to", then, spot)


def _value(offer: CatalogModel, *path: str | int) -> Spot:
    return Spot(offer.document, path, value=True)


def _in_route(route: Route, spot: Spot) -> Iterator[Mention]:
    called = f"route `{route.name}`"
    yield Mention(f"{called} points to", route.target, spot.inside("target", value=True))
    if route.guard and route.guard.then != FALLBACK:
        yield Mention(f"the guard of {called} switches to", route.guard.then, spot.inside("guard", "then", value=True))
    if route.budget and (then := route.budget.then) is not None:
        yield Mention(f"the budget of {called} switches to", then, spot.inside("budget", "then", value=True))
    for name, _ in route.split or ():
        yield Mention(f"{called} gives a share to", name, spot.inside("split", name))
    for kind in FALLBACK_KINDS:
        for index, name in enumerate(getattr(route, kind) or ()):
            if name != route.name:
                yield Mention(f"{called} falls back to", name, spot.inside(kind, index, value=True))
    for index, name in enumerate(route.choices if isinstance(route.choices, list) else ()):
        yield Mention(f"{called} offers the choice", name, spot.inside("choices", index, value=True))


def _in_tops(catalog: CatalogPart) -> Iterator[Mention]:
    for path, steps in catalog.default_fallbacks:
        for index, name in enumerate(steps if isinstance(steps, list) else ()):
            if isinstance(name, str):
                spot = Spot(catalog.proxy_document, (*path, index), value=True)
                yield Mention("the default fallbacks name", name, spot)
    for name, preset in catalog.presets.items():
        if preset.model:
            spot = catalog.preset_spot(name).inside("model", value=True)
            yield Mention(f"the preset `{name}` names", preset.model, spot, "warning")
