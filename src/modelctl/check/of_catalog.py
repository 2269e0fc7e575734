"""What can be told only from the whole: whether the names that are meant exist, and are meant once.

The good path compares sets; who wrote what, and where, is looked for once something is amiss.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from modelctl.catalog.compiled_provider import CatalogModel, CompiledProvider
from modelctl.catalog.load_catalog import Catalog
from modelctl.catalog.parse import Steps
from modelctl.check import of_proxy, secrets
from modelctl.check.catalog_names import CatalogNames, Tallies, names_of, unknown
from modelctl.check.route_names import default_fallbacks, of_presets, of_routes
from modelctl.errors import Problem, Severity
from modelctl.state.desired import FALLBACK_KINDS, Route


def of_catalog(
    catalog: Catalog, parts: list[CompiledProvider], routes: Mapping[str, Route], today: date, tallies: Tallies
) -> list[Problem]:
    """Problems of the whole. `tallies` are those of the build before; they are brought up to date."""
    tallies.take(parts)
    names = names_of(catalog, parts, routes, tallies)
    if names.complete and not any(part.offers for part in parts) and not names.hidden:
        return [*_empty(catalog), *_tops(catalog, names)]
    found = [
        *_shared_names(names),
        *_of_a_model(names),
        *(_twins(parts) if tallies.deployments.is_shared else ()),
        *_defaults(parts),
    ]
    found += _of_models(names)
    found += of_routes(catalog.routes, names, routes, today)
    return [*found, *_tops(catalog, names)]


def _tops(catalog: Catalog, names: CatalogNames) -> Iterator[Problem]:
    for file in catalog.tops:
        yield from secrets.of_document(file.document)
    if catalog.proxy:
        yield from of_proxy.of_proxy(catalog.proxy)
        yield from default_fallbacks(catalog.proxy, names)
    if catalog.presets and catalog.presets.entry:
        yield from of_presets(catalog.presets, names)


# -- models ------------------------------------------------------------------------------------


def _empty(catalog: Catalog) -> Iterator[Problem]:
    """No model at all; what LiteLLM keeps in its database stands nowhere else.

    Where a proxy.yaml is written, somebody means this catalog: LiteLLM starts on it.
    """
    proxy = catalog.proxy.entry if catalog.proxy else None
    elsewhere = proxy and (proxy.sections.get("general_settings") or {}).get("store_model_in_db") is True
    files = [file for provider in catalog.providers for file in provider.files]
    wrong = [*catalog.problems, *(problem for file in files for problem in file.problems)]
    if not elsewhere and not any(problem.severity == "error" for problem in wrong):
        level: Severity = "warning" if catalog.proxy else "error"
        hint = "`modelctl init` writes one to start from"
        yield Problem("empty-catalog", "the catalog has no models", catalog.label, severity=level, hint=hint)


def _shared_names(names: CatalogNames) -> Iterator[Problem]:
    """Two models with one public name share its requests: each must say that it is meant."""
    if not names.shared and not any(part.shared for part in names.parts):
        return
    for name in sorted({name for part in names.parts for name in part.offers}):
        offers = [offer for offer in names.offers(name) if offer.rendered]
        yield from _other_fallbacks(offers)
        for offer in offers if len(offers) > 1 else ():
            if not offer.load_balanced:
                others = [other for other in offers if other is not offer]
                text = (
                    f"`{name}` is also the public name of {others[0].provider}'s `{others[0].key}` at {others[0].place}"
                )
                hint = "`load_balanced: true` on each shares the requests; `public_name:` tells them apart"
                yield offer.problem("shared-public-name", text, hint=hint)


def _other_fallbacks(offers: list[CatalogModel]) -> Iterator[Problem]:
    """LiteLLM knows one chain for a public name: the first that is written counts."""
    for kind in FALLBACK_KINDS:
        written = [offer for offer in offers if getattr(offer.written, kind)]
        for other in written[1:]:
            if getattr(other.written, kind) != getattr(written[0].written, kind):
                text = f"`{other.public_name}` has other {kind} at {written[0].place}: those count for the whole group"
                yield other.problem("other-fallbacks", text, kind, severity="warning")


def _of_a_model(names: CatalogNames) -> Iterator[Problem]:
    """Fallbacks that stand on a wildcard, for a name that has a model of its own."""
    for part in (part for part in names.parts if part.fallbacks):
        keys = (set().union(*part.fallbacks.values()) - part.offers.keys()) & names.rendered
        for offer in part.each_offer if keys else ():
            for name, path, _ in offer.chained if offer.written.serves and offer.rendered else ():
                if name in keys:
                    text = (
                        f"`{name}` is a model of its own, at {names.offers(name)[0].place}: its fallbacks stand there"
                    )
                    yield offer.document.problem("other-fallbacks", text, path, severity="warning")


def _twins(parts: list[CompiledProvider]) -> Iterator[Problem]:
    first: dict[str, CatalogModel] = {}
    for offer in (offer for part in parts for offer in part.each_offer if offer.rendered):
        for id_ in offer.deployments:
            other = first.setdefault(id_, offer)
            if other.provider != offer.provider:
                text = f"`{offer.public_name}` is the very deployment that stands at {other.place}"
                yield offer.problem("twin-deployments", text)


def _defaults(parts: list[CompiledProvider]) -> Iterator[Problem]:
    first: dict[str, CompiledProvider] = {}
    for part in parts:
        for variable, value in part.env_defaults.items():
            other = first.setdefault(variable, part)
            if other.env_defaults[variable] != value:
                text = f"`{variable}` has another default in provider `{other.provider.id}`"
                yield part.header.problem("conflicting-default", text, ["env_defaults", variable])


def _of_models(names: CatalogNames) -> Iterator[Problem]:
    """Fallbacks, successors and what budgets switch to that name nothing; only parts with such a name are searched."""
    for part in names.parts:
        odd = {name for name in part.mentions if name not in names.rendered and not names.known(name)}
        for offer in part.each_offer if odd else ():
            for owner, path, name in _steps(offer):
                if name in odd:
                    yield unknown(names, offer.document, path, name, f"`{owner}` falls back to")
            heir = offer.model.lifecycle.get("successor")
            if heir in odd and not names.offers(heir):
                said = f"the successor of `{offer.public_name}` is"
                path = (*offer.path, "lifecycle", "successor")
                yield unknown(names, offer.document, path, heir, said, severity="warning")
            then = offer.model.budget["then"] if offer.model.budget else None
            if then in odd:
                said = f"the budget of `{offer.public_name}` switches to"
                yield unknown(names, offer.document, (*offer.path, "budget", "then"), then, said)


def _steps(offer: CatalogModel) -> Iterator[tuple[str, Steps, str]]:
    """Every name in the fallbacks of a rendered model: whose, where it stands, and which."""
    for owner, path, written in offer.chained if offer.rendered else ():
        for kind in FALLBACK_KINDS:
            for index, name in enumerate(getattr(written, kind) or ()):
                yield owner, (*path, kind, index), name
