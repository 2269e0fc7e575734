"""Who may be selected, which intent wins, and when it ends: pure decisions, no I/O.

Both sides use them: the control plane to accept or refuse, each worker to know by itself where a
route points at this moment, also while the control plane is down.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fnmatch import fnmatchcase

from modelctl.errors import Problem
from modelctl.litellm_spec.facts import CAPABILITIES, COUNTS
from modelctl.litellm_spec.modes import is_chat
from modelctl.state.desired import DesiredState, Model, Route
from modelctl.state.selection import BLOCKS, Arms, HistoryEntry, Selection, Selections

SOON_DAYS = 30
CEILINGS = {"max_input_price": "input", "max_output_price": "output"}


# -- where a route points ----------------------------------------------------------------------


def effective(stack: Sequence[Selection], now: float) -> Selection | None:
    """The selection that counts: the newest one whose time is not up."""
    return next((selection for selection in reversed(stack) if selection.in_effect(now)), None)


def targets(routes: Mapping[str, Route], selections: Selections, now: float) -> dict[str, str]:
    """Route -> the public name that it points to at `now`."""
    chosen = {name: effective(selections.get(name, ()), now) for name in routes}
    return {name: one.target if (one := chosen[name]) else route.target for name, route in routes.items()}


def splits(routes: Mapping[str, Route], selections: Selections, now: float) -> dict[str, Arms]:
    """Route -> its arms at `now`, of those whose requests are dealt."""
    return {name: arms for name, route in routes.items() if (arms := dealt(route, selections.get(name, ()), now))}


def dealt(route: Route, stack: Sequence[Selection], now: float) -> Arms | None:
    one = effective(stack, now)
    return one.split if one else route.split


def next_change(selections: Selections, now: float) -> float | None:
    """When a time limit next ends, in UTC seconds; None when no selection has one ahead."""
    ends = [
        selection.until
        for stack in selections.values()
        for selection in stack
        if selection.until is not None and selection.until > now
    ]
    return min(ends, default=None)


def covers(names: Collection[str], name: str) -> bool:
    """Whether clients can send `name`: a public name, or under a wildcard one (`openai/*`)."""
    return name in names or any("*" in pattern and fnmatchcase(name, pattern) for pattern in names)


# -- who may be selected -----------------------------------------------------------------------


def refusals(route: Route, models: Sequence[Model], unset: Collection[str], today: date | None = None) -> list[Problem]:
    """Why these models (the members of one public name) may not be the route's target; [] = they may.

    `unset` names the variables that some worker misses. A model with unknown facts satisfies no
    `requires`; no models at all (only a wildcard covers the name) means that every fact is unknown.
    """
    today = today or datetime.now(UTC).date()
    if not models:
        text = f"nothing is known of it, and `{route.name}` requires {_words(route.requires)}"
        return [_refusal("requires", text)] if route.requires else []
    found: dict[str, Problem] = {}
    for model in models:
        for problem in (*_lifecycle(model, today), *_choices(route, model), *_requires(route, model)):
            found.setdefault(problem.message, problem)
        missing = sorted(set(model.references) & set(unset))
        if missing:
            text = f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} not set on the workers"
            found.setdefault(text, _refusal("unset-variable", f"`{model.public_name}`: {text}"))
    return list(found.values())


def is_retired(model: Model, today: date) -> bool:
    retires = model.lifecycle.get("retires")
    return model.lifecycle.get("status") == "retired" or bool(retires and str(retires) <= today.isoformat())


def warnings(models: Sequence[Model], today: date | None = None) -> list[Problem]:
    """What speaks against pointing a route at these models, though they may be its target."""
    today = today or datetime.now(UTC).date()
    last = (today + timedelta(days=SOON_DAYS)).isoformat()
    found: dict[str, Problem] = {}
    for model in models:
        retires = model.lifecycle.get("retires")
        if retires and not is_retired(model, today) and str(retires) <= last:
            successor = model.lifecycle.get("successor")
            text = f"`{model.public_name}` retires on {retires}"
            hint = f"use `{successor}` instead" if successor else None
            found.setdefault(text, Problem("retires-soon", text, severity="warning", hint=hint))
    return list(found.values())


def _lifecycle(model: Model, today: date) -> Iterator[Problem]:
    if is_retired(model, today) or not model.rendered:
        successor = model.lifecycle.get("successor")
        since = f" on {model.lifecycle['retires']}" if model.lifecycle.get("retires") else ""
        hint = f"use `{successor}` instead" if successor else None
        yield _refusal("retired-model", f"`{model.public_name}` is retired{since} and not rendered", hint)


def _choices(route: Route, model: Model) -> Iterator[Problem]:
    if isinstance(route.choices, Mapping):
        wanted = set(route.choices.get("tags", ()))
        if not wanted & set(model.tags):
            tags = ", ".join(sorted(wanted))
            yield _refusal("choices", f"`{route.name}` takes models tagged {tags}; `{model.public_name}` is not")
    elif route.choices != "any" and model.public_name not in route.choices:
        allowed = ", ".join(f"`{name}`" for name in list(route.choices)[:8])
        yield _refusal("choices", f"`{model.public_name}` is not among the choices of `{route.name}` ({allowed})")


def _requires(route: Route, model: Model) -> Iterator[Problem]:
    name, needs = f"`{model.public_name}`", route.requires
    mode = needs.get("mode", "chat")
    if model.mode is not None and not (is_chat(model.mode) if is_chat(mode) else model.mode == mode):
        yield _refusal("mode", f"{name} is a model for {model.mode}, and `{route.name}` holds {mode} models")
    for need, fact in CAPABILITIES.items():
        if needs.get(need) and getattr(model, fact) is not True:
            state = "lacks" if getattr(model, fact) is False else "is not known to have"
            yield _refusal("requires", f"{name} {state} {need}, which `{route.name}` requires")
    for need in COUNTS:
        has = getattr(model, need)
        if need in needs and (has is None or has < needs[need]):
            yield _refusal("requires", f"{name} has a {need} of {has or 'unknown size'}, under {needs[need]}")
    for need, side in CEILINGS.items():
        price = model.price.get(side)
        if need in needs and (price is None or price > needs[need]):
            asked = "an unknown price" if price is None else f"{price:g} USD"
            yield _refusal("requires", f"{name} costs {asked} per 1M {side} tokens, over {needs[need]:g}")


def _refusal(rule: str, message: str, hint: str | None = None) -> Problem:
    return Problem(rule, message, hint=hint)


def _words(requires: Mapping[str, object]) -> str:
    return ", ".join(name if value is True else f"{name} {value}" for name, value in requires.items())


# -- which intent wins -------------------------------------------------------------------------


def settle(after: DesiredState, selections: Selections, now: float) -> tuple[Selections, list[HistoryEntry]]:
    """What publishing `after` does to the selections: which stay, and a history entry for each that ends.

    The newest intent wins: a reviewed change of a route's default ends what was selected over the old
    one, unless pinned. A selection whose target is gone ends; one that no longer meets the route's
    `choices` or `requires` ends unless it was forced.
    """
    kept: Selections = {}
    entries: list[HistoryEntry] = []
    groups: dict[str, list[Model]] = {
        name: [] for stack in selections.values() for selection in stack for name in selection.models
    }
    for model in (model for provider in after.providers for model in provider.models) if groups else ():
        if model.public_name in groups:
            groups[model.public_name].append(model)
    names = after.public_names if any(selections.values()) else set()
    today = datetime.fromtimestamp(now, UTC).date()
    for name, stack in selections.items():
        if name == BLOCKS:
            kept[name] = stack  # a block stays, whatever is published
            continue
        route = after.routes.get(name)
        ended = {selection: why for selection in stack if (why := _ends(route, selection, names, groups, today=today))}
        kept[name] = tuple(selection for selection in stack if selection not in ended)
        current = effective(stack, now)
        if current in ended:
            after_it = effective(kept[name], now)
            default = route.target if route else None
            to = after_it.target if after_it else default
            entries.append(_ending(name, current, to, ended[current], now=now, revision=after.revision))
    return {name: stack for name, stack in kept.items() if stack}, entries


def _ends(
    route: Route | None,
    selection: Selection,
    names: Collection[str],
    groups: Mapping[str, Sequence[Model]],
    *,
    today: date,
) -> str | None:
    if route is None:
        return "the route was removed from the catalog"
    if selection.over != route.target and not selection.pinned:
        return f"the catalog's target changed from {selection.over} to {route.target}"
    if selection.guarded is not None and route.guard is None:
        return "the route has no guard any more"
    for name in selection.models:
        if not covers(names, name):
            return f"{name} is no longer in the catalog"
    if selection.forced:
        return None
    if selection.guarded is not None or selection.spent:
        route = replace(route, choices="any")  # these are what people may select
    return _first_message(why for name in selection.models for why in refusals(route, groups.get(name, ()), (), today))


def _first_message(problems: Iterable[Problem]) -> str | None:
    return next((problem.message for problem in problems), None)


def _ending(route: str, selection: Selection, to: str | None, why: str, *, now: float, revision: str) -> HistoryEntry:
    return HistoryEntry("end", now, "catalog", route, selection.target, to, why, revision)
