"""What can be told only from the whole: whether the names that are meant exist, and are meant once.

The good path compares sets; who wrote what, and where, is looked for once something is amiss.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from modelctl import routes as deciding
from modelctl.catalog.load import Catalog, File
from modelctl.catalog.parts import Offer, Part
from modelctl.catalog.source import Document, Steps
from modelctl.checks import proxy
from modelctl.desired import FALLBACK_KINDS, Route
from modelctl.errors import Problem, Severity
from modelctl.nearest import nearest
from modelctl.rules import lookup, secrets


@dataclass(frozen=True)
class Names:
    """The names of one build. `complete` is False while a file that may offer more cannot be read."""

    parts: list[Part]
    rendered: set[str]
    routes: Collection[str]  # every name of every route
    hidden: Collection[str]  # seem to be offered by files that have errors
    complete: bool

    def offers(self, name: str) -> list[Offer]:
        return [offer for part in self.parts for offer in part.offers.get(name, ())]

    def known(self, name: str) -> bool:
        return not self.complete or name in self.hidden or deciding.covers(self.rendered, name)

    def nearest(self, name: str) -> str | None:
        near = nearest(name, [*self.rendered, *self.hidden])
        offers = self.offers(near) if near else []
        return f"did you mean `{near}`{f' ({offers[0].place})' if offers else ''}?" if near else None


def of_catalog(catalog: Catalog, parts: list[Part], routes: Mapping[str, Route], today: date) -> list[Problem]:
    """Problems of the whole."""
    names = _names(catalog, parts, routes)
    if names.complete and not any(part.offers for part in parts) and not names.hidden:
        return [*_empty(catalog), *_tops(catalog, names)]
    found = [*_shared_names(names), *_twins(parts), *_defaults(parts)]
    found += _of_models(names)
    found += _of_routes(catalog.routes, names, routes, today)
    return [*found, *_tops(catalog, names)]


def _tops(catalog: Catalog, names: Names) -> Iterator[Problem]:
    for file in catalog.tops:
        yield from secrets.of_document(file.document)
    if catalog.proxy:
        yield from proxy.of_proxy(catalog.proxy)
        yield from _default_fallbacks(catalog.proxy, names)
    if catalog.presets and catalog.presets.entry:
        yield from _presets(catalog.presets, names)


def _names(catalog: Catalog, parts: list[Part], routes: Mapping[str, Route]) -> Names:
    files = [file for provider in catalog.providers for file in provider.files]
    broken = [file for file in files if file.names is None or file.names]
    hidden = {name for file in broken for name in file.names or ()}
    complete = all(file.names is not None for file in broken) and not any(
        problem.rule in ("unreadable-folder", "unreadable-file") for problem in catalog.problems
    )
    called = {name for route in routes.values() for name in route.names}
    return Names(parts, set().union(*(part.rendered for part in parts)), called, hidden, complete)


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


def _shared_names(names: Names) -> Iterator[Problem]:
    """Two models with one public name share its requests: each must say that it is meant."""
    total = sum(len(part.offers) for part in names.parts)
    every = set().union(*(part.offers.keys() for part in names.parts))
    if total == len(every) and not any(part.shared for part in names.parts):
        return
    for name in sorted(every):
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


def _other_fallbacks(offers: list[Offer]) -> Iterator[Problem]:
    """LiteLLM knows one chain for a public name: the first that is written counts."""
    for kind in FALLBACK_KINDS:
        written = [offer for offer in offers if getattr(offer.written, kind)]
        for other in written[1:]:
            if getattr(other.written, kind) != getattr(written[0].written, kind):
                text = f"`{other.public_name}` has other {kind} at {written[0].place}: those count for the whole group"
                yield other.problem("other-fallbacks", text, kind, severity="warning")


def _twins(parts: list[Part]) -> Iterator[Problem]:
    if sum(len(part.deployments) for part in parts) == len(set().union(*(part.deployments for part in parts))):
        return
    first: dict[str, Offer] = {}
    for offer in (offer for part in parts for offer in part.each_offer if offer.rendered):
        for id_ in offer.deployments:
            other = first.setdefault(id_, offer)
            if other.provider != offer.provider:
                text = f"`{offer.public_name}` is the very deployment that stands at {other.place}"
                yield offer.problem("twin-deployments", text)


def _defaults(parts: list[Part]) -> Iterator[Problem]:
    first: dict[str, Part] = {}
    for part in parts:
        for variable, value in part.env_defaults.items():
            other = first.setdefault(variable, part)
            if other.env_defaults[variable] != value:
                text = f"`{variable}` has another default in provider `{other.provider.id}`"
                yield part.header.problem("conflicting-default", text, ["env_defaults", variable])


def _of_models(names: Names) -> Iterator[Problem]:
    """Fallbacks and successors that name nothing; only the parts with such a name are looked through."""
    for part in names.parts:
        odd = {name for name in part.mentions - names.rendered if not names.known(name)}
        for offer in part.each_offer if odd else ():
            said = f"`{offer.public_name}` falls back to"
            for path, name in _steps(offer):
                if name in odd:
                    yield _unknown(names, offer.document, path, name, said)
            heir = offer.model.lifecycle.get("successor")
            if heir in odd and not names.offers(heir):
                said = f"the successor of `{offer.public_name}` is"
                path = (*offer.path, "lifecycle", "successor")
                yield _unknown(names, offer.document, path, heir, said, severity="warning")


def _steps(offer: Offer) -> Iterator[tuple[Steps, str]]:
    """Every name in the fallbacks of a rendered model, and where it stands."""
    for kind in FALLBACK_KINDS if offer.rendered else ():
        for index, name in enumerate(getattr(offer.written, kind) or ()):
            yield (*offer.path, kind, index), name


def _unknown(
    names: Names, document: Document, path: Steps, name: str, said: str, severity: Severity = "error"
) -> Problem:
    """Why `name` is not what it should be: retired, a route, or nothing at all."""
    offers = names.offers(name)
    if offers:
        successor = offers[0].model.lifecycle.get("successor")
        hint = (
            f"use its successor `{successor}`"
            if successor and names.known(successor)
            else "`lifecycle: {render: true}` on it renders it"
        )
        text = f"{said} `{name}`, which is retired and not rendered ({offers[0].place})"
        return document.problem("retired-model", text, path, value=True, severity=severity, hint=hint)
    if name in names.routes:
        text = f"{said} `{name}`, which is a route: name a model"
        return document.problem("unknown-model", text, path, value=True, severity=severity)
    provider, slash, rest = name.partition("/")
    if slash and any(part.provider.id == provider for part in names.parts) and names.known(rest):
        text = f"{said} `{name}`; models go by their public name"
        return document.problem("unknown-model", text, path, value=True, severity=severity, hint=f"write `{rest}`")
    text = f"{said} `{name}`, which no provider offers"
    served = lookup.by_wildcard([each for each in names.rendered if "*" in each], name)
    near = f"write `{served}`" if served else names.nearest(name)
    return document.problem("unknown-model", text, path, value=True, severity=severity, hint=near)


# -- routes, proxy, presets --------------------------------------------------------------------


def _of_routes(file: File | None, names: Names, routes: Mapping[str, Route], today: date) -> Iterator[Problem]:
    if not file:
        return
    for name, route in routes.items():
        document = file.document
        for offer in names.offers(name)[:1]:
            text = f"the route `{name}` has the name of a model, at {offer.place}"
            yield document.problem("alias-named-like-model", text, [name], hint="give the route another name")
        yield from _further_names(document, names, route, routes)
        if not names.known(route.target):
            yield _unknown(names, document, [name, "target"], route.target, f"route `{name}` points to")
        else:
            yield from _default_refused(document, names, route, today)
        for kind in FALLBACK_KINDS:
            steps = getattr(route, kind) or ()
            yield from _lost_capabilities(document, names, route, kind, steps, today)
            for index, step in enumerate(steps):
                if not names.known(step) and step != name:
                    yield _unknown(names, document, [name, kind, index], step, f"route `{name}` falls back to")
        for index, choice in enumerate(route.choices if isinstance(route.choices, list) else ()):
            if not names.known(choice):
                yield _unknown(names, document, [name, "choices", index], choice, f"route `{name}` offers the choice")


def _further_names(document: Document, names: Names, route: Route, routes: Mapping[str, Route]) -> Iterator[Problem]:
    """What stands under `also` must be nobody else's name."""
    taken = {name: other for other in routes.values() if other is not route for name in other.names}
    for index, name in enumerate(route.also):
        path: Steps = (route.name, "also", index)
        for offer in names.offers(name)[:1]:
            text = f"`{name}`, a further name of route `{route.name}`, is the name of a model, at {offer.place}"
            yield document.problem("alias-named-like-model", text, path, value=True, hint="choose another name")
        if name in taken:
            text = f"`{name}`, a further name of route `{route.name}`, is also a name of route `{taken[name].name}`"
            yield document.problem("shared-route-name", text, path, value=True, hint="a name belongs to one route")
        if name in (route.name, *route.also[:index]):
            text = f"`{name}` stands twice among the names of route `{route.name}`"
            yield document.problem("shared-route-name", text, path, value=True, severity="warning")


def _default_refused(document: Document, names: Names, route: Route, today: date) -> Iterator[Problem]:
    """The default target would not be accepted if somebody selected it."""
    models = [offer.model for offer in names.offers(route.target) if offer.rendered]
    if not models and (route.target in names.hidden or not names.complete):
        return
    for refusal in deciding.refusals(route, models, (), today):
        text = f"the default target of route `{route.name}` does not fit it: {refusal.message}"
        yield document.problem("unfit-target", text, [route.name, "target"], value=True, severity="warning")


def _lost_capabilities(
    document: Document, names: Names, route: Route, kind: str, steps: Iterable[str], today: date
) -> Iterator[Problem]:
    """A fallback that would be refused as a target, but for `choices`, which only say what people may select."""
    for index, step in enumerate(steps if route.requires else ()):
        models = [offer.model for offer in names.offers(step) if offer.rendered]
        for refusal in deciding.refusals(replace(route, choices="any"), models, (), today) if models else ():
            place: Steps = (route.name, kind, index)
            yield document.problem("lost-capability", f"as a fallback {refusal.message}", place, severity="warning")


def _default_fallbacks(file: File, names: Names) -> Iterator[Problem]:
    data = file.document.data if isinstance(file.document.data, dict) else {}
    for path in (
        ("default_fallbacks",),
        ("litellm_settings", "default_fallbacks"),
        ("router_settings", "default_fallbacks"),
    ):
        steps: Any = data
        for step in path:
            steps = steps.get(step) if isinstance(steps, dict) else None
        for index, name in enumerate(steps if isinstance(steps, list) else ()):
            if isinstance(name, str) and not names.known(name):
                yield _unknown(names, file.document, [*path, index], name, "the default fallbacks name")


def _presets(file: File, names: Names) -> Iterator[Problem]:
    for name, preset in file.entry.items():
        if preset.model and not names.known(preset.model):
            said = f"the preset `{name}` names"
            yield _unknown(names, file.document, [name, "model"], preset.model, said, severity="warning")
        if preset.route not in names.routes:
            text = f"the preset `{name}` is for route `{preset.route}`, which routes.yaml does not have"
            yield file.document.problem("unknown-route", text, [name, "route"], severity="warning")
