"""The names in routes, in default fallbacks and in presets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from modelctl.catalog.catalog_file import CatalogFile
from modelctl.catalog.parse import Document, Steps
from modelctl.check.catalog_names import CatalogNames, unknown
from modelctl.errors import Problem
from modelctl.state.desired import FALLBACK_KINDS, Route
from modelctl.state.routes import refusals
from modelctl.state.terms import FALLBACK


def of_routes(
    file: CatalogFile | None, names: CatalogNames, routes: Mapping[str, Route], today: date
) -> Iterator[Problem]:
    if not file:
        return
    for name, route in routes.items():
        document = file.document
        for offer in names.offers(name)[:1]:
            text = f"the route `{name}` has the name of a model, at {offer.place}"
            yield document.problem("alias-named-like-model", text, [name], hint="give the route another name")
        yield from _further_names(document, names, route, routes)
        yield from _guard(document, names, route)
        yield from _budget(document, names, route)
        yield from _split(document, names, route, today)
        if not names.known(route.target):
            yield unknown(names, document, [name, "target"], route.target, f"route `{name}` points to")
        else:
            yield from _default_refused(document, names, route, today)
        for kind in FALLBACK_KINDS:
            steps = getattr(route, kind) or ()
            yield from _lost_capabilities(document, names, route, kind, steps, today)
            for index, step in enumerate(steps):
                if not names.known(step) and step != name:
                    yield unknown(names, document, [name, kind, index], step, f"route `{name}` falls back to")
        for index, choice in enumerate(route.choices if isinstance(route.choices, list) else ()):
            if not names.known(choice):
                yield unknown(names, document, [name, "choices", index], choice, f"route `{name}` offers the choice")


def _further_names(
    document: Document, names: CatalogNames, route: Route, routes: Mapping[str, Route]
) -> Iterator[Problem]:
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


def _guard(document: Document, names: CatalogNames, route: Route) -> Iterator[Problem]:
    """A guard that has nowhere to go."""
    if route.guard is None:
        return
    place: Steps = (route.name, "guard", "then")
    if route.guard.then != FALLBACK:
        if not names.known(route.guard.then):
            yield unknown(names, document, place, route.guard.then, f"the guard of route `{route.name}` switches to")
        elif route.guard.then == route.target:
            text = f"the guard of route `{route.name}` switches to `{route.target}`, which it guards"
            yield document.problem("guard-without-fallback", text, place, value=True, hint="then: another public name")
    elif not any(step != route.target for step in _chain(names, route)):
        text = f"the guard of route `{route.name}` has no fallback to switch to"
        hint = f"fallbacks: [another public name] on `{route.name}`, or `then: another public name`"
        yield document.problem("guard-without-fallback", text, [route.name, "guard"], hint=hint)


def _budget(document: Document, names: CatalogNames, route: Route) -> Iterator[Problem]:
    then = route.budget.then if route.budget else None
    if then is not None and not names.known(then):
        said = f"the budget of route `{route.name}` switches to"
        yield unknown(names, document, [route.name, "budget", "then"], then, said)


def _split(document: Document, names: CatalogNames, route: Route, today: date) -> Iterator[Problem]:
    for name, _ in route.split or ():
        place: Steps = (route.name, "split", name)
        models = [offer.model for offer in names.offers(name) if offer.rendered]
        if not names.known(name):
            yield unknown(names, document, place, name, f"route `{route.name}` gives a share to", value=False)
        elif name != route.target:
            for refusal in refusals(route, models, (), today) if models else ():
                yield document.problem("unfit-target", f"as an arm {refusal.message}", place, severity="warning")


def _chain(names: CatalogNames, route: Route) -> Sequence[str]:
    if route.fallbacks is not None:
        return route.fallbacks
    return [step for part in names.parts for step in part.fallbacks.get("fallbacks", {}).get(route.target, ())]


def _default_refused(document: Document, names: CatalogNames, route: Route, today: date) -> Iterator[Problem]:
    """The default target would not be accepted if somebody selected it."""
    models = [offer.model for offer in names.offers(route.target) if offer.rendered]
    if not models and (route.target in names.hidden or not names.complete):
        return
    for refusal in refusals(route, models, (), today):
        text = f"the default target of route `{route.name}` does not fit it: {refusal.message}"
        yield document.problem("unfit-target", text, [route.name, "target"], value=True, severity="warning")


def _lost_capabilities(
    document: Document, names: CatalogNames, route: Route, kind: str, steps: Iterable[str], today: date
) -> Iterator[Problem]:
    """A fallback that would be refused as a target, but for `choices`, which only say what people may select."""
    for index, step in enumerate(steps if route.requires else ()):
        models = [offer.model for offer in names.offers(step) if offer.rendered]
        for refusal in refusals(replace(route, choices="any"), models, (), today) if models else ():
            place: Steps = (route.name, kind, index)
            yield document.problem("lost-capability", f"as a fallback {refusal.message}", place, severity="warning")


def default_fallbacks(file: CatalogFile, names: CatalogNames) -> Iterator[Problem]:
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
                yield unknown(names, file.document, [*path, index], name, "the default fallbacks name")


def of_presets(file: CatalogFile, names: CatalogNames) -> Iterator[Problem]:
    for name, preset in file.entry.items():
        if preset.model and not names.known(preset.model):
            said = f"the preset `{name}` names"
            yield unknown(names, file.document, [name, "model"], preset.model, said, severity="warning")
        if preset.route not in names.routes:
            text = f"the preset `{name}` is for route `{preset.route}`, which routes.yaml does not have"
            yield file.document.problem("unknown-route", text, [name, "route"], severity="warning")
