"""The names that one build of a catalog offers."""

from __future__ import annotations

from collections.abc import Collection, KeysView, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from modelctl.catalog.compiled_provider import CatalogModel, CompiledProvider
from modelctl.catalog.load_catalog import Catalog
from modelctl.check.tally import Tally
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
    twins: bool  # whether two providers have one deployment

    def offers(self, name: str) -> list[CatalogModel]:
        return [offer for part in self.parts for offer in part.offers.get(name, ())]

    def rendered_offers(self, name: str) -> list[CatalogModel]:
        return [offer for offer in self.offers(name) if offer.rendered]

    @cached_property
    def shared_names(self) -> list[str]:
        """Those of several models; empty most of the time."""
        if not self.shared and not any(part.shared for part in self.parts):
            return []
        return sorted({name for part in self.parts for name in part.offers if len(self.offers(name)) > 1})

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
    """What all parts offer, reused from build to build."""

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
    """`tallies` are those of the build before; they are brought up to date."""
    tallies.take(parts)
    files = [file for provider in catalog.providers for file in provider.files]
    broken = [file for file in files if file.names is None or file.names]
    hidden = {name for file in broken for name in file.names or ()}
    complete = all(file.names is not None for file in broken) and not any(
        problem.rule in ("unreadable-folder", "unreadable-file") for problem in catalog.problems
    )
    called = {name for route in routes.values() for name in route.names}
    shared, twins = tallies.offered.is_shared, tallies.deployments.is_shared
    return CatalogNames(parts, tallies.rendered.names, called, hidden, complete, shared, twins)
