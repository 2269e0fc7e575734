"""A catalog as rules see it: what LiteLLM would read, and where people wrote it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import date
from functools import partial
from typing import Any

from modelctl.catalog.compiled_provider import CatalogModel, CompiledProvider
from modelctl.catalog.load_catalog import Catalog
from modelctl.catalog.load_tops import ProxyFile
from modelctl.catalog.parse import Document, Steps
from modelctl.check.entry import Alias, Chain, Entry
from modelctl.check.found import Spot
from modelctl.check.policy import Policy
from modelctl.check.subject import Joined, Subject
from modelctl.check.subject_parts import CatalogPart, ProviderPart
from modelctl.litellm_spec.config import FALLBACK_KINDS, custom_prefixes
from modelctl.litellm_spec.facts import LITELLM_NAMES
from modelctl.litellm_spec.machine import Machine
from modelctl.litellm_spec.price_map import PRICE_NAMES
from modelctl.state.desired import Route

_PRICES = {theirs: ours for ours, theirs in PRICE_NAMES.items()}
_FACTS = {theirs: ours for ours, theirs in LITELLM_NAMES.items()}


_OURS = ("litellm_provider",)  # what a catalog says that LiteLLM's entries have no key for

Known = Mapping[CatalogModel, list[Entry]]


def entries(
    part: CompiledProvider, doubtful: Collection[Document] = (), known: Known | None = None
) -> dict[CatalogModel, list[Entry]]:
    """A provider's deployments in the order in which they are written; retired ones are not looked at.

    `known` are those of the same offers, none of them doubtful.
    """
    offers = (offer for offer in part.each_offer if offer.rendered)
    reusable = known if known and not doubtful else {}
    return {offer: reusable.get(offer) or _entries(part, offer, doubtful) for offer in offers}


def _entries(part: CompiledProvider, offer: CatalogModel, doubtful: Collection[Document]) -> list[Entry]:
    wrong = bool(doubtful) and (part.header in doubtful or offer.document in doubtful)
    written = offer.written.lifecycle  # a day of release alone does not say how long it lives
    stated = bool(written and written.model_fields_set - {"released"})
    about = offer.model.tags, offer.model.lifecycle, stated, wrong
    found: list[Entry] = []
    for index, id_ in enumerate(offer.deployments):
        one = part.deployments[id_]
        place = partial(_place, part.header, offer, index if offer.written.deployments else None)
        found.append(Entry(one.group, one.params, one.info, place, one.extra, *about))
    return found


def _place(header: Document, offer: CatalogModel, index: int | None, path: Steps) -> Spot:
    """Where a path of LiteLLM's entry is written: on the deployment, the model or the provider, whichever wins."""
    levels = [(offer.document, offer.path), (header, ())]
    if index is not None:
        levels.insert(0, (offer.document, (*offer.path, "deployments", index)))
    for document, start in levels:
        for own in _own(path):
            if _is_written(document.data, (*start, *own)):
                return Spot(document, (*start, *own))
    return Spot(levels[0][0], tuple(levels[0][1]))


def _own(path: Steps) -> Iterator[tuple[str | int, ...]]:
    """How a catalog writes a path of LiteLLM's."""
    section, *rest = path or ("",)
    if not rest:
        yield from (("public_name",),) if section == "model_name" else ((section,),) if section in _OURS else ()
        return
    key = rest[0]
    if section == "litellm_params":
        yield from (("litellm_model",), ("model",)) if key == "model" else ((*rest,), ("params", *rest))
    elif key in _PRICES:
        yield from (("price", _PRICES[str(key)]), ("info", *rest))
    else:
        yield from ((_FACTS.get(str(key), key),), ("info", *rest))


def _is_written(data: Any, path: Steps) -> bool:
    for step in path:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return False
    return True


def of_part(
    part: ProviderPart,
    found: Iterable[list[Entry]],
    settings: Policy,
    today: date,
    *,
    environ: Mapping[str, str] | None,
    custom: frozenset[str],
) -> Subject:
    """One provider by itself; `custom` are the catalog's own prefixes."""
    environ = None if environ is None else {**part.compiled.env_defaults, **environ}
    return Subject(
        "catalog", today,
        entries=[entry for each in found for entry in each],
        models=list(part.compiled.each_offer), documents=part.documents, provider=part,
        settings=settings, environ=environ, custom_prefixes=custom,
    )  # fmt: skip


def of_catalog(
    catalog: CatalogPart,
    parts: Iterable[Subject],
    settings: Policy,
    today: date,
    *,
    environ: Mapping[str, str] | None,
    machine: Machine | None,
) -> Subject:
    """The whole."""
    proxy, written, every = catalog.written.proxy, sections(catalog.written), list(parts)
    return Subject(
        "catalog", today,
        entries=Joined(every),
        aliases=list(_aliases(catalog.written, catalog.every_route)),
        chains=[*_of_models(catalog.names.parts), *_of_routes(catalog.written, catalog.every_route)],
        sections=written,
        section_spot=_sections(proxy.document) if proxy else None,
        settings=settings, environ=environ, machine=machine, custom_prefixes=custom_prefixes(written),
        parts=every, catalog=catalog, documents=[file.document for file in catalog.written.tops],
    )  # fmt: skip


def sections(catalog: Catalog) -> Mapping[str, Any]:
    """LiteLLM's own sections, as far as proxy.yaml can be read."""
    proxy = catalog.proxy
    return proxy.entry.sections if proxy and isinstance(proxy.entry, ProxyFile) else {}


def _sections(document: Document) -> Callable[[Steps], Spot]:
    return lambda path: Spot(document, tuple(path))


def _aliases(catalog: Catalog, routes: Mapping[str, Route]) -> Iterator[Alias]:
    document = catalog.routes.document if catalog.routes else None
    for route in routes.values():
        if document:
            spot, role = Spot(document, (route.name,)), f"route `{route.name}`"
            yield Alias(route.name, route.target, spot, role, spot)
            for index, name in enumerate(route.also):
                named = spot.inside("also", index, value=True)
                yield Alias(name, route.target, spot, f"`{name}`, a further name of {role},", named)


def _of_models(parts: Iterable[CompiledProvider]) -> Iterator[Chain]:
    for part in parts:
        for kind, chains in part.fallbacks.items():
            served: dict[str, Spot] = {}
            for name, steps in chains.items():
                own = (offer for offer in part.offers.get(name, ()) if getattr(offer.written, kind))
                offer = next(own, None)
                if offer is None and not served:
                    served = dict(_served(part, kind))
                spot = Spot(offer.document, (*offer.path, kind)) if offer else served[name]
                yield _chain(kind, name, steps, spot)


def _served(part: CompiledProvider, kind: str) -> Iterator[tuple[str, Spot]]:
    """Where the fallbacks of names stand that only a wildcard serves."""
    for offer in part.each_offer:
        for name, path, _ in offer.chained if offer.written.serves else ():
            yield name, Spot(offer.document, (*path, kind))


def _of_routes(catalog: Catalog, routes: Mapping[str, Route]) -> Iterator[Chain]:
    document = catalog.routes.document if catalog.routes else None
    for route in routes.values():
        for kind in FALLBACK_KINDS:
            if document and (steps := getattr(route, kind)):
                yield _chain(kind, route.name, steps, Spot(document, (route.name, kind)))


def _chain(kind: str, name: str, steps: Iterable[str], spot: Spot) -> Chain:
    return Chain(kind, name, [(step, spot.inside(index)) for index, step in enumerate(steps)], spot)
