"""What one worker runs: the desired state, with where each route points at this moment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from modelctl.litellm_spec.config import FALLBACK_KINDS
from modelctl.state.blocking import OutOfTraffic, Reached, reached
from modelctl.state.desired import Deployment, DesiredState, Route
from modelctl.state.selection import Arms


@dataclass(frozen=True, slots=True)
class Split:
    """How the requests of `route` are dealt, and by what they are told apart."""

    route: str
    arms: Arms
    sticky: str


def arm_alias(name: str, arm: str) -> str:
    """The hidden alias by which a request for `name` reaches one arm, with the route's own fallbacks."""
    return f"{name}#{arm}"


@dataclass(frozen=True, slots=True)
class RouterConfig:
    """What one worker runs: the desired state with each route's present target filled in."""

    deployments: dict[str, Deployment]
    aliases: dict[str, Any]  # each name of a route -> public name, or {"model": name, "hidden": True}
    fallbacks: dict[str, list[dict[str, list[str]]]]  # kind -> LiteLLM's list of one-key mappings
    settings: dict[str, Any]  # every other section, router_settings without aliases and fallbacks
    env_defaults: dict[str, str] = field(default_factory=dict)
    splits: dict[str, Split] = field(default_factory=dict)  # each name of a route -> how its requests are dealt
    blocked: dict[str, str] = field(default_factory=dict)  # names whose requests are refused -> why

    def config(self) -> dict[str, Any]:
        """The same as LiteLLM's config file would say it."""
        return {"model_list": [deployment.entry() for deployment in self.deployments.values()], **self.sections()}

    def sections(self) -> dict[str, Any]:
        """All of it but the model list."""
        sections = dict(self.settings)
        router: dict[str, Any] = {key: value for key, value in self.fallbacks.items() if value}
        if self.aliases:
            router["model_group_alias"] = self.aliases
        if router or sections.get("router_settings"):
            sections["router_settings"] = {**(sections.get("router_settings") or {}), **router}
        return sections


def resolve_routes(
    desired: DesiredState,
    targets: Mapping[str, str],
    splits: Mapping[str, Arms] | None = None,
    out: OutOfTraffic | None = None,
) -> RouterConfig:
    """Fill in where each route points now; a route missing in `targets` keeps its default.

    `splits` are those that count now; None: as the catalog states them. What is `out` of traffic gets no request.
    """
    points = {route.name: _reached(desired, route, targets, splits, out=out) for route in desired.routes.values()}
    named = list(_aliases(desired.routes.values(), points))
    # LiteLLM follows one hop: a further name points to the model itself, not to the route.
    aliases = {
        alias: {"model": target, "hidden": True} if route.hidden or alias not in route.names else target
        for route, alias, target, _ in named
    }
    fallbacks = {kind: _chains(kind, desired, named, out) for kind in FALLBACK_KINDS}
    found = {
        name: Split(route.name, arms, route.sticky or "user")
        for route in desired.routes.values()
        for name in route.names
        if (arms := points[route.name].arms)
    }
    refused = _refused(desired.routes.values(), points, out) if out else {}
    return RouterConfig(desired.deployments, aliases, fallbacks, desired.settings, desired.env_defaults, found, refused)


def with_arms_of(before: RouterConfig, new: RouterConfig) -> RouterConfig:
    """`new` with the arms that only `before` has, until the next change: a request that was just dealt names one."""
    arms = {arm_alias(name, arm): arm for name, split in before.splits.items() for arm, _ in split.arms}
    left = {alias for alias in arms if alias not in new.aliases and alias in before.aliases}
    if left:
        groups = {each.group for each in new.deployments.values()}
        left = {alias for alias in left if arms[alias] in groups}
    if not left:
        return new
    chains = {
        kind: [*new.fallbacks.get(kind, ()), *(each for each in before.fallbacks.get(kind, ()) if left & each.keys())]
        for kind in FALLBACK_KINDS
    }
    return replace(new, aliases={**new.aliases, **{alias: before.aliases[alias] for alias in left}}, fallbacks=chains)


def _reached(
    desired: DesiredState,
    route: Route,
    targets: Mapping[str, str],
    splits: Mapping[str, Arms] | None,
    *,
    out: OutOfTraffic | None,
) -> Reached:
    target = targets.get(route.name, route.target)
    arms = route.split if splits is None else splits.get(route.name)
    chosen = Reached(target, arms)
    return reached(desired, route, chosen, out) if out else chosen


def _aliases(routes: Iterable[Route], points: Mapping[str, Reached]) -> Iterator[tuple[Route, str, str, str]]:
    """Each alias of each route, those of its arms too, what it points to, and whose fallbacks it inherits."""
    for route in routes:
        point = points[route.name]
        for name in route.names:
            yield route, name, point.target, point.instead_of or point.target
            for arm, _ in point.arms or ():
                yield route, arm_alias(name, arm), arm, arm


def _chains(
    kind: str, desired: DesiredState, named: Iterable[tuple[Route, str, str, str]], out: OutOfTraffic | None
) -> list[dict[str, list[str]]]:
    """LiteLLM looks fallbacks up by the alias that was called, so each name of a route carries its own copy."""
    of_models = desired.fallbacks.get(kind, {})
    chains = dict(of_models)
    for route, alias, target, heir_of in named:
        own = getattr(route, kind)
        chain = [step for step in (of_models.get(heir_of, ()) if own is None else own) if step != target]
        if chain:
            chains[alias] = chain
    if out:
        chains = {name: left for name, chain in chains.items() if not out.has(name) and (left := out.left_of(chain))}
    return [{name: list(chain)} for name, chain in chains.items()]


def _refused(routes: Iterable[Route], points: Mapping[str, Reached], out: OutOfTraffic) -> dict[str, str]:
    """Models that are out, and the routes that no model is left for."""
    silent = {
        name: f"no model is left for `{name}`: {out.reason(points[route.name].target)}"
        for route in routes
        if not points[route.name].answers
        for name in route.names
    }
    return {**out.why, **silent}
