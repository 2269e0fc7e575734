"""Taking a model out of traffic and letting it back: pure steps from one head to the next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from modelctl.errors import Problem, Refused
from modelctl.service.model_index import Index, Target, short
from modelctl.service.selecting import MOST_NAME, MOST_REASON, check_lasts, check_text
from modelctl.state.blocking import standing
from modelctl.state.desired import DesiredState
from modelctl.state.selection import BLOCKS, Head, HistoryEntry, Selection, Selections


@dataclass(frozen=True)
class BlockRequest:
    """`lasts` is in seconds; None: until it is unblocked. `force` also where a route is left without an answer."""

    model_id: str
    provider: str | None = None
    reason: str | None = None
    lasts: float | None = None
    force: bool = False
    dry_run: bool = False
    actor: str = "someone"


@dataclass(frozen=True)
class BlockChange:
    """The next selections with their history; no entry where nothing changes.

    `block` is the one that was set or lifted. `moved`: route, where its requests went, where they go. `silent` are the
    routes that nothing is left for.
    """

    block: Selection
    target: Target
    selections: Selections
    entries: tuple[HistoryEntry, ...]
    moved: tuple[tuple[str, str, str], ...]
    silent: tuple[str, ...]


def verify(ask: BlockRequest) -> None:
    """Bounds and characters, as for a selection."""
    for field, text in {"model_id": ask.model_id, "provider": ask.provider, "actor": ask.actor}.items():
        check_text(field, text, MOST_NAME)
    check_text("reason", ask.reason, MOST_REASON)
    check_lasts(ask.lasts)


def block(ask: BlockRequest, head: Head, index: Index, unset: frozenset[str], *, now: float) -> BlockChange:
    """`unset`: variables that workers miss.

    Raises NotFound, Ambiguous, or Refused where a route would be left without an answer (unless forced).
    """
    target = index.resolve(ask.model_id, ask.provider)
    until = None if ask.lasts is None else now + ask.lasts
    new = Selection(
        target.name, "", ask.actor, now, ask.reason or None, until, provider=target.provider, model_id=target.model_id
    )
    present = next((one for one in _stack(head) if one.target == target.name and one.in_effect(now)), None)
    if present and (present.until, present.reason) == (new.until, new.reason):
        return BlockChange(present, target, head.selections, (), (), ())
    others = (one for one in _stack(head) if one.target != target.name)
    selections = {**head.selections, BLOCKS: (*others, new)}
    silent = _silent(index.desired, head.selections, selections, now)
    if silent and not ask.force:
        raise Refused(
            f"without `{target.name}` nobody answers for {' and '.join(f'`{name}`' for name in silent)}",
            problems=[Problem("blocked-model", f"no model is left for route `{name}`") for name in silent],
            hint=f"modelctl use MODEL --route {silent[0]}, or give it `fallbacks`; `force` blocks all the same",
        )
    moved = moves(index.desired, head.selections, selections, now)
    lacking = _lacking(moved, index, unset)
    if lacking and not ask.force:
        text = f"without `{target.name}` requests would go where they cannot be answered"
        raise Refused(text, problems=lacking, hint="modelctl use MODEL first; `force` blocks all the same")
    entry = HistoryEntry(
        "block", now, ask.actor, before=target.name, reason=new.reason, revision=head.revision, until=until,
        forced=bool(silent or lacking), model=target.name,
    )  # fmt: skip
    return BlockChange(new, target, selections, (entry, *_moved(entry, moved)), tuple(moved), silent)


def unblock(model_id: str, actor: str, reason: str | None, *, head: Head, index: Index, now: float) -> BlockChange:
    """Raises Refused where the model is not blocked."""
    check_text("model_id", model_id, MOST_NAME)
    check_text("actor", actor, MOST_NAME)
    check_text("reason", reason, MOST_REASON)
    there = [one for one in _stack(head) if one.in_effect(now)]
    found = next((one for one in there if model_id in (one.target, one.model_id)), None)
    if found is None:
        name = index.resolve(model_id).name
        blocked = ", ".join(f"`{one.target}`" for one in there)
        raise Refused(f"`{short(name)}` is not blocked", hint=f"blocked: {blocked}" if blocked else None)
    selections = without_blocks(head.selections, [found])
    entry = HistoryEntry(
        "unblock", now, actor, after=found.target, reason=reason or None, revision=head.revision, model=found.target
    )
    moved = moves(index.desired, head.selections, selections, now)
    return BlockChange(found, index.target(found.target), selections, (entry, *_moved(entry, moved)), tuple(moved), ())


def ended(head: Head, desired: DesiredState | None, now: float) -> tuple[Selections, list[HistoryEntry]]:
    """The selections without the blocks whose time is up, and the history of that."""
    over = [one for one in _stack(head) if not one.in_effect(now)]
    selections = without_blocks(head.selections, over)
    entries = []
    for one in over:
        entry = HistoryEntry(
            "unblock", one.until or now, one.actor, after=one.target, reason="the time of its block is up",
            revision=head.revision, model=one.target,
        )  # fmt: skip
        before = {**selections, BLOCKS: (Selection(one.target, "", one.actor, one.at),)}
        entries += [entry, *_moved(entry, moves(desired, before, selections, now) if desired else [])]
    return selections, entries


def without_blocks(selections: Selections, over: Sequence[Selection]) -> Selections:
    kept = tuple(one for one in selections.get(BLOCKS, ()) if one not in over)
    rest = {name: stack for name, stack in selections.items() if name != BLOCKS}
    return {**rest, BLOCKS: kept} if kept else rest


def moves(desired: DesiredState, before: Selections, after: Selections, now: float) -> list[tuple[str, str, str]]:
    """Routes whose requests go elsewhere: route, from, to."""
    old, new = standing(desired, before, now), standing(desired, after, now)
    return [
        (name, old[name].target, new[name].target) for name in desired.routes if old[name].target != new[name].target
    ]


def _silent(desired: DesiredState, before: Selections, after: Selections, now: float) -> tuple[str, ...]:
    old, new = standing(desired, before, now), standing(desired, after, now)
    return tuple(name for name in desired.routes if old[name].answers and not new[name].answers)


def _lacking(moved: Iterable[tuple[str, str, str]], index: Index, unset: frozenset[str]) -> list[Problem]:
    """Routes that would go from a model that can answer to one that cannot, since variables are not set."""
    return [
        Problem("unset-variable", f"`{route}` would go to `{after}`, which misses {' and '.join(missing)}")
        for route, before, after in moved
        if (missing := _missing(index.target(after), unset)) and not _missing(index.target(before), unset)
    ]


def _missing(target: Target, unset: frozenset[str]) -> list[str]:
    """Variables; none where a member of the target has all of its own."""
    members = [set(model.references) for model in target.models] or [set(target.references)]
    return sorted(set.union(*members) & unset) if all(each & unset for each in members) else []


def _moved(entry: HistoryEntry, moved: Iterable[tuple[str, str, str]]) -> Iterable[HistoryEntry]:
    """A line for each route, so that its own history says why it moved."""
    for route, before, after in moved:
        yield HistoryEntry(
            entry.action, entry.at, entry.actor, route, before, after, entry.reason, entry.revision, entry.until,
            model=entry.model,
        )  # fmt: skip


def _stack(head: Head) -> tuple[Selection, ...]:
    return head.selections.get(BLOCKS, ())
