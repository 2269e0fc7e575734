"""Catalog -> DesiredState: defaults, inheritance, facts and routes are worked out here, secrets stay references.

`part` does one provider and depends on nothing else, so its result can be reused as long as that
provider's files stay as they are; `assemble` only joins parts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from modelctl.build.compile_model import compile_model, key_files
from modelctl.build.compile_tops import settings
from modelctl.catalog import overrides, schema
from modelctl.catalog.compiled_provider import CatalogModel, CompiledProvider
from modelctl.catalog.load_catalog import Catalog, ProviderFiles
from modelctl.catalog.parse import Document, Steps
from modelctl.litellm_spec.config import FALLBACK_KINDS
from modelctl.state.desired import Deployment, DesiredState, Model, Provider, Route

# -- one provider ------------------------------------------------------------------------------


def part(files: ProviderFiles, today: date, before: CompiledProvider | None = None) -> CompiledProvider:
    """What a provider contributes. Files that do not validate contribute nothing but their problems.

    `before` is what it contributed last: a model that is written as it was, under the same header, is not looked at.
    """
    header: schema.ProviderSpec = files.header.entry or schema.ProviderSpec()
    made_for = (files.header.top, today)
    known = before.made if before and before.made_for == made_for else {}
    made: dict[tuple[Document, str], tuple[CatalogModel, list[Deployment]]] = {}
    offers: list[CatalogModel] = []
    rendered: list[Deployment] = []
    for key, written, document, path in _written(files):
        place = document, key
        made[place] = known.get(place) or compile_model(
            files.id, header, key, written, document=document, path=path, today=today
        )
        offer, deployments = made[place]
        offers.append(offer)
        if offer.rendered:
            rendered += deployments
    by_name: dict[str, list[CatalogModel]] = {}
    for offer in offers:
        by_name.setdefault(offer.public_name, []).append(offer)
    fallbacks = _fallbacks(offers)
    env_defaults = {**(header.env_defaults or {}), **key_files(header)}
    for offer in offers:
        if offer.key_files:
            env_defaults.update(offer.key_files)
    return CompiledProvider(
        provider=_provider(files.id, header, [offer.model for offer in offers]),
        deployments={one.id: one for one in rendered},
        offers=by_name,
        fallbacks=fallbacks,
        env_defaults=env_defaults,
        rendered=frozenset(one.group for one in rendered),
        mentions=frozenset(_mentions(offers, fallbacks)),
        shared=len(by_name) < len(offers),
        header=files.header.top,
        made=made,
        made_for=made_for,
    )


def _written(files: ProviderFiles) -> Iterator[tuple[str, schema.ModelSpec, Document, Steps]]:
    """Each model of a provider: key, entry, and where it stands."""
    inline = (files.header.entry.models or {}) if files.header.entry else {}
    for key, entry in inline.items():
        yield key, entry or _BARE, files.header.pieces.get(key, files.header.document), ("models", key)
    for stem, file in files.models:
        if file.entry:
            yield file.entry.id or stem, file.entry, file.document, ()


_BARE = schema.ModelSpec()


def _provider(id_: str, header: schema.ProviderSpec, models: list[Model]) -> Provider:
    return Provider(id_, header.name or id_, tuple(models), header.description, header.icon, header.color)


def _fallbacks(offers: Iterable[CatalogModel]) -> dict[str, dict[str, list[str]]]:
    """Kind -> public name -> chain; of a load-balanced group, the first chain counts."""
    found: dict[str, dict[str, list[str]]] = {}
    for offer in offers:
        for name, _, written in offer.chained if offer.rendered else ():
            for kind in FALLBACK_KINDS:
                if chain := getattr(written, kind):
                    found.setdefault(kind, {}).setdefault(name, chain)
    return found


def _mentions(offers: Iterable[CatalogModel], fallbacks: Mapping[str, Mapping[str, list[str]]]) -> Iterator[str]:
    for chains in fallbacks.values():
        for chain in chains.values():
            yield from chain
    for offer in offers:
        if successor := offer.model.lifecycle.get("successor"):
            yield successor
        if offer.model.budget and (then := offer.model.budget["then"]):
            yield then


# -- the whole ---------------------------------------------------------------------------------


def assemble(catalog: Catalog, parts: Iterable[CompiledProvider], written: dict[str, Route]) -> DesiredState:
    """Join the parts; the catalog has no errors."""
    deployments: dict[str, Deployment] = {}
    fallbacks: dict[str, dict[str, list[str]]] = {}
    env_defaults: dict[str, str] = {}
    providers: list[Provider] = []
    for each in parts:
        deployments.update(each.deployments)
        env_defaults.update(each.env_defaults)
        providers.append(each.provider)
        for kind, chains in each.fallbacks.items():
            joined = fallbacks.setdefault(kind, {})
            joined.update(chains if joined.keys().isdisjoint(chains) else {**chains, **joined})
    entry = catalog.proxy.entry if catalog.proxy else None
    alerting = overrides.alerting(entry.own.alerts) if entry else None
    own = settings(catalog.proxy)
    return DesiredState(deployments, written, fallbacks, own, env_defaults, tuple(providers), alerting)
