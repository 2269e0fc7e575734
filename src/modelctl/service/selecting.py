"""Selecting, rolling back and expiring: pure steps from one head to the next."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from modelctl.errors import ModelctlError, Problem, Refused
from modelctl.service import proof_steps, selection_stack
from modelctl.service.model_index import Index, Target
from modelctl.state import blocking, proving, routes, splitting
from modelctl.state.desired import DesiredState, Route
from modelctl.state.selection import BLOCKS, Arms, Head, HistoryEntry, Selection, Selections

LONGEST_S = 366 * 24 * 3600.0
MOST_NAME, MOST_REASON = 300, 500


@dataclass(frozen=True)
class SelectRequest:
    """A request to point `route` at a model. `lasts` is in seconds; None means without a time limit.

    `share`: only so many percent of its requests. `prove`: over so many seconds, in `steps` of percent, as long as
    the model does no worse than the present one.
    """

    model_id: str
    provider: str | None = None
    route: str = "active"
    reason: str | None = None
    lasts: float | None = None
    force: bool = False
    pin: bool = False
    dry_run: bool = False
    actor: str = "someone"
    share: float | None = None
    prove: float | None = None
    steps: tuple[float, ...] = proving.STEPS


@dataclass(frozen=True)
class SelectionChange:
    """The next selections with the history entry for them; no entry where nothing changes.

    `problems` were overridden by force; those of severity `warning` needed none.
    """

    route: str
    selections: Selections
    entries: tuple[HistoryEntry, ...]
    target: Target
    previous: str
    until: float | None = None
    problems: tuple[Problem, ...] = ()
    split: Arms | None = None


def verify(ask: SelectRequest) -> None:
    """Bounds and characters: what is written into history must be printable and short."""
    names = {"model_id": ask.model_id, "provider": ask.provider, "route": ask.route, "actor": ask.actor}
    for field, text in names.items():
        check_text(field, text, MOST_NAME)
    check_text("reason", ask.reason, MOST_REASON)
    check_lasts(ask.lasts)
    if ask.share is not None and not 0 < ask.share < splitting.WHOLE:  # nan fails both comparisons
        raise ModelctlError("`share` must be over 0 and under 100 percent", hint="leave it out to move all requests")
    proof_steps.verify(ask.prove, ask.steps, alone=ask.share is None and ask.lasts is None)


def check_lasts(lasts: float | None) -> None:
    if lasts is not None and not (math.isfinite(lasts) and 0 < lasts <= LONGEST_S):
        raise ModelctlError(f"`for` must be over 0 and at most {LONGEST_S:.0f} seconds")


def check_text(field: str, text: str | None, most: int) -> None:
    if text is None:
        return
    if not text.strip() and field != "reason":
        raise ModelctlError(f"`{field}` is empty")
    if len(text) > most:
        raise ModelctlError(f"`{field}` is longer than {most} characters")
    if not text.isprintable():
        raise ModelctlError(f"`{field}` holds control characters")


def select(ask: SelectRequest, head: Head, index: Index, unset: frozenset[str], *, now: float) -> SelectionChange:
    """Raises NotFound, Ambiguous, or Refused with every reason why not (unless forced)."""
    route = index.route(ask.route)
    target = index.resolve(ask.model_id, ask.provider)
    problems = why_not(route, target, unset, blocking.blocks(head.selections, now))
    never = {"blocked-model"} if _offered(index, target) else {"blocked-model", "retired-model"}
    unable = [problem for problem in problems if problem.rule in never]
    if unable or (problems and not ask.force):
        hint = unable[0].hint if unable else _act(target.references & unset)
        raise Refused(f"`{route.name}` may not point to `{target.name}`", problems=unable or problems, hint=hint)
    until = None if ask.lasts is None else now + ask.lasts
    chosen = Selection(
        target.name, route.target, ask.actor, now, ask.reason or None, until,
        forced=ask.force and bool(problems), pinned=ask.pin, provider=target.provider, model_id=target.model_id,
    )  # fmt: skip
    warned = (*problems, *routes.warnings(target.models, datetime.fromtimestamp(now, UTC).date()))
    before, previous = head.selections.get(route.name, ()), pointed(route, head.selections, now)
    present, action = _present(route, before, now), "select"
    if ask.share is not None:
        chosen, action = _with_share(chosen, present, ask.share), "split"
    if ask.prove is not None:
        chosen, action = proof_steps.first(chosen, present, ask.prove, ask.steps, now=now), "prove"
    after, until = described(index, chosen, chosen.target), chosen.until
    if selection_stack.same(present, chosen):
        return SelectionChange(route.name, head.selections, (), after, previous, until, warned, chosen.split)
    selections = {**head.selections, route.name: selection_stack.pushed(before, chosen, now)}
    entry = HistoryEntry(
        action, now, ask.actor, route.name, previous, target.name, chosen.reason, head.revision, until, chosen.forced,
        split=chosen.split,
    )  # fmt: skip
    return SelectionChange(route.name, selections, (entry,), after, previous, until, warned, chosen.split)


def _with_share(chosen: Selection, present: Selection, share: float) -> Selection:
    """The route stays where it points, and a share of its requests goes to what was chosen; no longer than it stays."""
    if chosen.target == present.target:
        raise Refused(f"the route points to `{present.target}`: a share is for another model")
    arms = splitting.shared(present.split or ((present.target, splitting.WHOLE),), chosen.target, share)
    until = present.until if chosen.until is None else chosen.until
    return replace(
        chosen, target=present.target, provider=present.provider, model_id=present.model_id, split=arms, until=until
    )


def _act(missing: set[str]) -> str:
    """The hint: first the fix; last `force`, which only overrides the refusal."""
    put = f"put {' and '.join(sorted(missing))} into .env, then run `modelctl restart`; " if missing else ""
    return f"{put}`force` overrides this and is recorded"


def _present(route: Route, before: selection_stack.Stack, now: float) -> Selection:
    """The selection in effect; the catalog's default is given as a selection too."""
    default = Selection(route.target, route.target, "catalog", now, split=route.split)
    return routes.effective(before, now) or default


def why_not(route: Route, target: Target, unset: frozenset[str], blocks: Mapping[str, Selection]) -> list[Problem]:
    problems = routes.refusals(route, target.models, unset)
    if block := blocks.get(target.name) or (target.wildcard and blocks.get(target.wildcard.public_name)):
        problems.insert(0, Problem("blocked-model", blocking.told(block), hint=f"modelctl unblock {block.target}"))
    missing = sorted(target.references & unset) if target.wildcard else []
    if missing:
        text = f"`{target.name}`: {' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} not set on the workers"
        problems.append(Problem("unset-variable", text))
    return problems


def _offered(index: Index, target: Target) -> bool:
    """Whether the proxy knows the name at all; force cannot make it know one that is not rendered."""
    return target.wildcard is not None or any(model.rendered for model in target.models)


def rollback(
    route_name: str, actor: str, reason: str | None, head: Head, *, index: Index, now: float
) -> SelectionChange:
    """Take away the newest selection still in effect that moved the route; Refused when there is none."""
    check_text("actor", actor, MOST_NAME)
    check_text("reason", reason, MOST_REASON)
    route = index.route(route_name)
    kept, last = selection_stack.undone(head.selections.get(route.name, ()), route, now)
    if last is None:
        raise Refused(f"nothing to roll back: `{route.name}` is on its default `{route.target}`")
    selections = _with(head.selections, route.name, kept)
    to = pointed(route, selections, now)
    now_in_effect = routes.effective(kept, now)
    until = now_in_effect.until if now_in_effect else None
    dealt = routes.dealt(route, kept, now)
    entry = HistoryEntry("rollback", now, actor, route.name, last.target, to, reason, head.revision, until, split=dealt)
    after = described(index, now_in_effect, to)
    return SelectionChange(route.name, selections, (entry,), after, last.target, until, split=dealt)


def described(index: Index, selection: Selection | None, name: str) -> Target:
    """The target behind a public name; of a group, the member that was asked for."""
    target = index.target(name)
    if selection and any(
        (model.provider, model.id) == (selection.provider, selection.model_id) for model in target.models
    ):
        return replace(target, provider=selection.provider, model_id=selection.model_id or target.model_id)
    return target


def expire(head: Head, desired: DesiredState | None, now: float) -> tuple[Selections, list[HistoryEntry]]:
    """Drops selections whose time is up; returns a history entry for every selection whose end moved its route."""
    selections: Selections = {}
    entries: list[HistoryEntry] = []
    for name, stack in head.selections.items():
        if name == BLOCKS:
            selections[name] = stack  # see `block_requests.ended`
            continue
        ended = sorted(
            (selection for selection in stack if not selection.in_effect(now)),
            key=lambda selection: selection.until or 0.0,
        )
        left = list(stack)
        for one in ended:
            moved = routes.effective(left, math.nextafter(one.until or 0.0, 0.0)) is one
            left.remove(one)
            route = desired.routes.get(name) if desired else None
            after = routes.effective(left, one.until or 0.0)
            to = after.target if after else route.target if route else None
            if moved:
                entries.append(
                    HistoryEntry("expire", one.until or now, one.actor, name, one.target, to, one.reason, head.revision)
                )
        if left:
            selections[name] = tuple(left)
    return selections, entries


def pointed(route: Route, selections: Selections, now: float) -> str:
    one = routes.effective(selections.get(route.name, ()), now)
    return one.target if one else route.target


def _with(selections: Selections, route: str, kept: selection_stack.Stack) -> Selections:
    rest = {name: other for name, other in selections.items() if name != route}
    return {**rest, route: kept} if kept else rest
