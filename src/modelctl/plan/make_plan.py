"""Two desired states side by side. Pure: no files, no server, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from modelctl.litellm_spec.config import FALLBACK_KINDS
from modelctl.litellm_spec.facts import CAPABILITIES
from modelctl.litellm_spec.hot_settings import flat, restart_needed
from modelctl.plan.guards import guards
from modelctl.plan.plan_values import WEEK, Action, Change, FactChange, Plan, RouteMove
from modelctl.state.desired import Deployment, DesiredState, Model, Route
from modelctl.state.router_config import resolve_routes
from modelctl.usage.token_prices import priced

ALLOW = "--force, if it is meant"
SHOWN = ("mode", "context_window", "max_output_tokens")
_NOTHING = DesiredState({})
COUNTED = ("prompt_tokens", "completion_tokens", "cached_read_tokens")
Traffic = Mapping[str, Mapping[str, float]]  # name that was asked for -> tokens, by COUNTED


def plan_change(before: DesiredState | None, after: DesiredState, week: Traffic | None = None) -> Plan:
    """What changes between them; `before` is None when nothing is published yet.

    `week`: the tokens that were counted lately, by the name that was asked for; a route's move is priced on them.
    """
    old = before or _NOTHING
    models = tuple(_models(old, after))
    return Plan(
        before=before.revision if before else None,
        after=after.revision,
        models=models,
        routes=tuple(_routes(old, after, week or {})),
        chains=tuple(_chains(old, after)),
        settings=tuple(_settings(old, after)),
        restart=tuple(_restart(old, after)) if before else (),
        refusals=tuple(guards(before, after, ALLOW)),
    )


def _restart(old: DesiredState, new: DesiredState) -> Iterator[str]:
    """A variable that models refer to goes live with them."""
    read = {name for provider in new.providers for model in provider.models for name in model.references}
    for key in restart_needed(old.settings, new.settings):
        section, _, name = key.partition(".")
        if section != "environment_variables" or name not in read:
            yield key


# -- models ------------------------------------------------------------------------------------


def _models(old: DesiredState, new: DesiredState) -> Iterator[Change]:
    """By public name, since that is what clients send; a group counts as one."""
    before, after = offered(old), offered(new)
    entries_before, entries_after = _groups(old), _groups(new)
    for name in sorted(before.keys() | after.keys()):
        if name not in before:
            yield Change("add", name, tuple(fact_changes(None, after[name][0])))
        elif name not in after:
            yield Change("remove", name)
        else:
            facts = (*fact_changes(before[name][0], after[name][0]), *_parameters(entries_before, entries_after, name))
            if facts:
                yield Change("change", name, facts)


def offered(state: DesiredState) -> dict[str, list[Model]]:
    """Public name -> its rendered members; a state that was read from a plain config has bare ones."""
    offered: dict[str, list[Model]] = {}
    for provider in state.providers:
        for model in provider.models:
            if model.rendered:
                offered.setdefault(model.public_name, []).append(model)
    for deployment in state.deployments.values():
        offered.setdefault(deployment.group, [Model(deployment.group, "", deployment.group, deployment.group)])
    return offered


def fact_changes(before: Model | None, after: Model) -> Iterator[FactChange]:
    """Price in and out per 1M, sizes, capabilities, retirement: whatever differs, or is known of a new model."""
    for side in ("input", "output"):
        yield from _differs(f"{side} price", before and before.price.get(side), after.price.get(side))
    for name in SHOWN:
        yield from _differs(name.replace("_", " "), before and getattr(before, name), getattr(after, name))
    if before is not None:
        for need, fact in CAPABILITIES.items():
            yield from _differs(need, getattr(before, fact), getattr(after, fact))
        for name in ("status", "retires", "successor"):
            yield from _differs(name, before.lifecycle.get(name), after.lifecycle.get(name))


def _differs(name: str, before: object, after: object) -> Iterator[FactChange]:
    if before != after:
        yield FactChange(name, before, after)


def _groups(state: DesiredState) -> dict[str, list[Deployment]]:
    groups: dict[str, list[Deployment]] = {}
    for deployment in state.deployments.values():
        groups.setdefault(deployment.group, []).append(deployment)
    return groups


def _parameters(
    before: Mapping[str, list[Deployment]], after: Mapping[str, list[Deployment]], name: str
) -> Iterator[FactChange]:
    """The differing LiteLLM parameters, and the number of endpoints where it differs."""
    old, new = before.get(name, []), after.get(name, [])
    if {each.id for each in old} == {each.id for each in new}:
        return
    if len(old) != len(new):
        yield FactChange("deployments", len(old), len(new))
        return
    for one, other in zip(old, new, strict=True):
        for key in sorted({*one.params, *other.params}):
            yield from _differs(key, one.params.get(key), other.params.get(key))


# -- routes and chains -------------------------------------------------------------------------


def _routes(old: DesiredState, new: DesiredState, week: Traffic) -> Iterator[RouteMove]:
    for name in sorted(old.routes.keys() | new.routes.keys()):
        before, after = old.routes.get(name), new.routes.get(name)
        if before is None or after is None or before.target != after.target:
            yield _move(name, before, after, offered(old), new=offered(new), week=week)
        elif _conditions(before) != _conditions(after):
            facts = tuple(_differing(_conditions(before), _conditions(after)))
            yield RouteMove("change", name, before.target, after.target, facts)


def _move(
    name: str,
    before: Route | None,
    after: Route | None,
    old: Mapping[str, Sequence[Model]],
    *,
    new: Mapping[str, Sequence[Model]],
    week: Traffic,
) -> RouteMove:
    action: Action = "add" if before is None else "remove" if after is None else "change"
    left = next(iter(old.get(before.target, ())), None) if before else None
    right = next(iter(new.get(after.target, ())), None) if after else None
    gained, lost = capabilities(left, right), capabilities(right, left)
    return RouteMove(
        action,
        name,
        before.target if before else None,
        after.target if after else None,
        (*fact_changes(left, right), *_cost(after, left, right, week)) if left and right and after else (),
        gained if left and right else (),
        lost if left and right else (),
    )


def _cost(route: Route, left: Model, right: Model, week: Traffic) -> Iterator[FactChange]:
    """What the same tokens would have cost before and after, where there were any and a price is known."""
    those = [week[name] for name in route.names if name in week]
    tokens = {name: sum(each[name] for each in those) for name in COUNTED}
    before, after = priced(tokens, left.price), priced(tokens, right.price)
    if any(tokens.values()) and (before is not None or after is not None):
        yield FactChange(WEEK, *(None if each is None else round(each, 6) for each in (before, after)))


def capabilities(without: Model | None, within: Model | None) -> tuple[str, ...]:
    """The items of `within` that `without` lacks."""
    if without is None or within is None:
        return ()
    return tuple(
        need
        for need, fact in CAPABILITIES.items()
        if getattr(within, fact) is True and getattr(without, fact) is not True
    )


def _conditions(route: Route) -> dict[str, Any]:
    stated = {"requires": route.requires, "choices": route.choices, "hidden": route.hidden, "also": list(route.also)}
    written = route.to_dict()
    return {**stated, **{name: written.get(name) for name in ("guard", "budget", "split", "sticky")}}


def _chains(old: DesiredState, new: DesiredState) -> Iterator[Change]:
    """Who falls back to what, routes included, as the workers will have it."""
    before, after = resolve_routes(old, {}).fallbacks, resolve_routes(new, {}).fallbacks
    for kind in FALLBACK_KINDS:
        left, right = _merged(before.get(kind, ())), _merged(after.get(kind, ()))
        for name in sorted(left.keys() | right.keys()):
            if left.get(name) != right.get(name):
                action: Action = "add" if name not in left else "remove" if name not in right else "change"
                yield Change(action, name, (FactChange(kind, left.get(name), right.get(name)),))


def _merged(chains: Iterable[Mapping[str, list[str]]]) -> dict[str, list[str]]:
    return {name: chain for each in chains for name, chain in each.items()}


# -- settings ----------------------------------------------------------------------------------


def _settings(old: DesiredState, new: DesiredState) -> Iterator[Change]:
    """Only keys: a setting's value may be a secret."""
    before, after = ({**flat(one.settings), "alerts": one.alerting} for one in (old, new))
    for key in sorted(before.keys() | after.keys()):
        if before.get(key) != after.get(key):
            yield Change("add" if before.get(key) is None else "remove" if after.get(key) is None else "change", key)


def _differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[FactChange]:
    for key in before.keys() | after.keys():
        yield from _differs(key, before.get(key), after.get(key))
