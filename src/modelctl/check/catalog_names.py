"""The names of one build, and what is wrong with a name that is not among them."""

from __future__ import annotations

from collections.abc import Collection, KeysView, Mapping
from dataclasses import dataclass, field

from modelctl.catalog.compiled_provider import CatalogModel, CompiledProvider
from modelctl.catalog.load_catalog import Catalog
from modelctl.catalog.parse import Document, Steps
from modelctl.check.tally import Tally
from modelctl.errors import Problem, Severity
from modelctl.litellm_spec import lookup
from modelctl.state.desired import Route
from modelctl.state.routes import covers
from modelctl.text.nearest import nearest


@dataclass(frozen=True)
class CatalogNames:
    """The names of one build. `complete` is False while a file that may offer more cannot be read."""

    parts: list[CompiledProvider]
    rendered: KeysView[str]
    routes: Collection[str]  # every name of every route
    hidden: Collection[str]  # seem to be offered by files that have errors
    complete: bool
    shared: bool  # whether two providers offer one name

    def offers(self, name: str) -> list[CatalogModel]:
        return [offer for part in self.parts for offer in part.offers.get(name, ())]

    def known(self, name: str) -> bool:
        return not self.complete or name in self.hidden or covers(self.rendered, name)

    @property
    def in_order(self) -> list[str]:
        """What is rendered, as it is written: of equally good hints the first is given, whatever was built before."""
        return [name for part in self.parts for name in part.offers if name in part.rendered]

    def nearest(self, name: str) -> str | None:
        near = nearest(name, [*self.in_order, *sorted(self.hidden)])
        offers = self.offers(near) if near else []
        return f"did you mean `{near}`{f' ({offers[0].place})' if offers else ''}?" if near else None


@dataclass(frozen=True)
class Tallies:
    """What all parts offer, kept from build to build."""

    rendered: Tally = field(default_factory=Tally)
    offered: Tally = field(default_factory=Tally)
    deployments: Tally = field(default_factory=Tally)

    def take(self, parts: list[CompiledProvider]) -> None:
        self.rendered.take(part.rendered for part in parts)
        self.offered.take(part.offers for part in parts)
        self.deployments.take(part.deployments for part in parts)


def names_of(
    catalog: Catalog, parts: list[CompiledProvider], routes: Mapping[str, Route], tallies: Tallies
) -> CatalogNames:
    files = [file for provider in catalog.providers for file in provider.files]
    broken = [file for file in files if file.names is None or file.names]
    hidden = {name for file in broken for name in file.names or ()}
    complete = all(file.names is not None for file in broken) and not any(
        problem.rule in ("unreadable-folder", "unreadable-file") for problem in catalog.problems
    )
    called = {name for route in routes.values() for name in route.names}
    return CatalogNames(parts, tallies.rendered.names, called, hidden, complete, tallies.offered.is_shared)


def unknown(
    names: CatalogNames,
    document: Document,
    path: Steps,
    name: str,
    said: str,
    severity: Severity = "error",
    value: bool = True,
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
        return document.problem("retired-model", text, path, value=value, severity=severity, hint=hint)
    if name in names.routes:
        text = f"{said} `{name}`, which is a route: name a model"
        return document.problem("unknown-model", text, path, value=value, severity=severity)
    provider, slash, rest = name.partition("/")
    if slash and any(part.provider.id == provider for part in names.parts) and names.known(rest):
        text = f"{said} `{name}`; models go by their public name"
        return document.problem("unknown-model", text, path, value=value, severity=severity, hint=f"write `{rest}`")
    text = f"{said} `{name}`, which no provider offers"
    served = lookup.by_wildcard([each for each in names.in_order if "*" in each], name)
    near = f"write `{served}`" if served else names.nearest(name)
    return document.problem("unknown-model", text, path, value=value, severity=severity, hint=near)
