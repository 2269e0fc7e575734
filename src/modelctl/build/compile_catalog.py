"""Catalog -> DesiredState: defaults, inheritance, facts and routes are worked out here, secrets stay references.

`part` does one provider and depends on nothing else, so its result can be kept as long as that
provider's files stay as they are; `assemble` only joins parts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import date, datetime
from operator import attrgetter
from typing import Any

from modelctl.catalog import overrides, schema, schema_tops
from modelctl.catalog.catalog_file import CatalogFile
from modelctl.catalog.compiled_provider import CatalogModel, CompiledProvider
from modelctl.catalog.load_catalog import Catalog, ProviderFiles
from modelctl.catalog.load_tops import ProxyFile
from modelctl.catalog.parse import Document, Steps
from modelctl.litellm_spec.facts import LITELLM_NAMES
from modelctl.litellm_spec.price_map import Facts, facts_of
from modelctl.state import desired
from modelctl.state.desired import FALLBACK_KINDS, Deployment, DesiredState, Model, Provider, Route

HOOK = "modelctl.hook.handler"
REFERENCE = re.compile(r"os\.environ/(.+)")
_ENDPOINT = ("api_key", "api_base", "api_version")


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
        made[place] = known.get(place) or _offer(
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
    return CompiledProvider(
        provider=_provider(files.id, header, [offer.model for offer in offers]),
        deployments={one.id: one for one in rendered},
        offers=by_name,
        fallbacks=fallbacks,
        env_defaults=header.env_defaults or {},
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


def _offer(
    provider: str,
    header: schema.ProviderSpec,
    key: str,
    written: schema.ModelSpec,
    *,
    document: Document,
    path: Steps,
    today: date,
) -> tuple[CatalogModel, list[Deployment]]:
    public_name = written.public_name or (f"{provider}/{key}" if "*" in key else key)
    upstream = _upstream(provider, header, key, written)
    known = facts_of(upstream, written.base_model)
    lifecycle = overrides.lifecycle(written.lifecycle, known, today)
    rendered = lifecycle.get("status") != "retired" or bool(written.lifecycle and written.lifecycle.render)
    info = overrides.overridden(written, known)
    specs: Iterable[schema.DeploymentSpec | None] = written.deployments or (None,)
    own = [
        _deployment(public_name, provider, header, key, model=written, spec=spec, upstream=upstream, facts=info)
        for spec in specs
    ]
    model = _model(
        provider,
        public_name,
        header,
        key,
        written=written,
        known=known,
        lifecycle=lifecycle,
        rendered=rendered,
        deployments=own,
    )
    ids = tuple(one.id for one in own)
    return CatalogModel(public_name, provider, key, written, model, rendered, ids, document, path, upstream), own


def _upstream(provider: str, header: schema.ProviderSpec, key: str, *levels: schema.UpstreamSpec | None) -> str:
    """`<litellm_provider>/<model or key>`, literally; the innermost level that says something wins."""
    for level in reversed(levels):
        if level and level.litellm_model:
            return level.litellm_model
        if level and level.model:
            return f"{header.litellm_provider or provider}/{level.model}"
    return f"{header.litellm_provider or provider}/{key}"


def _deployment(
    group: str,
    provider: str,
    header: schema.ProviderSpec,
    key: str,
    *,
    model: schema.ModelSpec,
    spec: schema.DeploymentSpec | None,
    upstream: str,
    facts: Mapping[str, Any],
) -> Deployment:
    """`upstream` and `facts` are the model's."""
    levels: list[schema.EndpointSpec] = [header, model, *([spec] if spec else [])]
    params: dict[str, Any] = {"model": upstream if spec is None else _upstream(provider, header, key, model, spec)}
    params |= {name: value for name in _ENDPOINT if (value := _innermost(levels, name)) is not None}
    info: dict[str, Any] = {}
    for level in levels:
        if level.params:
            params.update(plain(level.params))
        if level.info:
            info.update(plain(level.info))
    if spec and spec.tags:
        params["tags"] = spec.tags
    if model.budget and model.budget.block:
        params = {**params, "max_budget": model.budget.per_day, "budget_duration": "1d"}
    base_model = (spec and spec.base_model) or model.base_model
    if base_model:
        info["base_model"] = base_model
    info.update(facts)
    return desired.deployment(group, params, info)


def _innermost(levels: list[schema.EndpointSpec], name: str) -> Any:
    """What the last level that says anything says."""
    for level in reversed(levels):
        if (value := getattr(level, name)) is not None:
            return value
    return None


def plain(value: Any) -> Any:
    """Only what JSON holds: dates become their ISO text."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value.isoformat() if isinstance(value, (date, datetime)) else value


# -- what people see ---------------------------------------------------------------------------

_FACTS = attrgetter(*LITELLM_NAMES)


def _model(
    provider: str,
    public_name: str,
    header: schema.ProviderSpec,
    key: str,
    *,
    written: schema.ModelSpec,
    known: Facts,
    lifecycle: dict[str, Any],
    rendered: bool,
    deployments: Iterable[Deployment],
) -> Model:
    facts = {
        ours: listed if own is None else own
        for ours, own, listed in zip(LITELLM_NAMES, _FACTS(written), _FACTS(known), strict=True)
    }
    tags = header.tags if written.tags is None else written.tags
    return Model(
        id=key,
        provider=provider,
        public_name=public_name,
        name=written.name or key,
        description=written.description,
        price=overrides.price(written.price, known),
        tags=tuple(tags or ()),
        icon=header.icon if written.icon is None else written.icon,
        color=header.color if written.color is None else written.color,
        lifecycle=lifecycle,
        rendered=rendered,
        protected=written.protected,
        references=_references(deployments, header.env_defaults or {}),
        budget=asdict(budget) if (budget := overrides.budget(written.budget)) else None,
        **facts,
    )


def _references(deployments: Iterable[Deployment], defaults: Mapping[str, str]) -> tuple[str, ...]:
    """Variables that every deployment of the model needs and that have no default."""
    needed = [
        {
            match[1]
            for value in deployment.params.values()
            if isinstance(value, str) and (match := REFERENCE.fullmatch(value))
        }
        for deployment in deployments
    ]
    return tuple(sorted(set.intersection(*needed) - defaults.keys())) if needed else ()


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


def routes(file: CatalogFile | None) -> dict[str, Route]:
    return {name: _route(name, written) for name, written in (file.entry if file and file.entry else {}).items()}


def _route(name: str, written: schema_tops.RouteSpec) -> Route:
    chains: dict[str, Any] = {
        kind: None if (chain := getattr(written, kind)) is None else tuple(chain) for kind in FALLBACK_KINDS
    }
    requires = written.requires.model_dump(by_alias=True, exclude_none=True) if written.requires else {}
    choices = {"tags": written.choices.tags} if isinstance(written.choices, schema_tops.ByTags) else written.choices
    return Route(
        name, written.target, written.description, requires=requires, choices=choices, hidden=written.hidden,
        protected=written.protected, also=tuple(written.also or ()), guard=overrides.guard(written.guard),
        budget=overrides.budget(written.budget),
        split=tuple(written.split.items()) if written.split else None, sticky=written.sticky, **chains,
    )  # fmt: skip


def settings(file: CatalogFile | None) -> dict[str, Any]:
    """LiteLLM's other sections, with our hook among the callbacks unless `hook: false`."""
    proxy: ProxyFile = file.entry if file and file.entry else ProxyFile(schema_tops.ProxySpec(), {})
    sections = plain(proxy.sections)
    own: dict[str, Any] = dict(sections.get("litellm_settings") or {})
    if proxy.own.default_fallbacks:
        own["default_fallbacks"] = proxy.own.default_fallbacks
    if proxy.own.hook:
        own["callbacks"] = _with_hook(own.get("callbacks"))
    return {
        **({"litellm_settings": own} if own else {}),
        **{k: v for k, v in sections.items() if k != "litellm_settings"},
    }


def _with_hook(callbacks: Any) -> list[Any]:
    present = [] if callbacks is None else callbacks if isinstance(callbacks, list) else [callbacks]
    return present if HOOK in present else [*present, HOOK]
