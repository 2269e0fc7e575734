"""What the hook does next, decided without doing it: `decide(state, event, now) -> (state, actions)`.

Readers and the Router give events, the loop carries the actions out. One machine for every kind of reader:

- a reader that knows one head for all workers (a store) gives `HeadSeen`, one that reads what lies before this worker
  alone (a config file) gives `ContentSeen`; both are answered with `Fetch` when there is something new, and the
  reader answers that with `Fetched`;
- `state.pending` is what has been fetched and not tried yet, `state.good` what the Router took last. A refused revision
  is never tried again; selections go on over the good one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from modelctl.errors import Problem, errors_in
from modelctl.hook.events import (
    Action,
    Applied,
    Apply,
    ConfigRefused,
    ContentSeen,
    Event,
    Fetch,
    Fetched,
    HeadSeen,
    KeepRunning,
    KeysTurned,
    Lost,
    Note,
    RouterBorn,
    Say,
    StoreAway,
    TimeUp,
    Unreadable,
)
from modelctl.hook.hook_state import LeftOut, Standing, State, named
from modelctl.hook.problems import new_problems, on_one_line
from modelctl.hook.revisions import Revision, without
from modelctl.state.desired import Deployment
from modelctl.state.routes import next_change

EMPTIED = "it is a new one, and nothing has been published to it yet"

Decision = tuple[State, Sequence[Action]]


def decide(state: State, event: Event, now: float) -> Decision:
    match event:
        case HeadSeen():
            return _head_seen(state, event, now)
        case ContentSeen():
            return _content_seen(state, event)
        case Fetched():
            return _fetched(state, event, now)
        case Unreadable():
            return _refuse(replace(state, content=None), event.why), [Say()]
        case StoreAway():
            return _store_away(state, event)
        case TimeUp() | KeysTurned():
            return _apply(state, now)
        case _:
            return _of_the_router(state, event, now)


def _of_the_router(state: State, event: RouterBorn | Applied | ConfigRefused | Lost, now: float) -> Decision:
    match event:
        case RouterBorn():
            return _router_born(state, event, now)
        case Applied():
            return _applied(state)
        case ConfigRefused():
            return _refused(state, event, now)
        case Lost():
            return _lost(state, now)


# -- what a store says ---------------------------------------------------------------------------


def _head_seen(state: State, event: HeadSeen, now: float) -> Decision:
    head = event.head
    if head.revision is None and state.head.revision is not None:
        return _emptied(state, event, now)
    if head.revision is not None and head.revision != state.head.revision:
        return state, [Fetch(head, event.store)]
    same = (head, event.store, head.version, None) == (state.head, state.store, state.version, state.away)
    if same and state.reported:
        return state, []
    back = [Note("info", "the store is back")] if state.away is not None else []
    if state.standing is Standing.BOOTED_ON_PROVEN:
        state = _run(state)  # the revision that it booted on is the newest again
    state, actions = _apply(replace(state, head=head, store=event.store, version=head.version, away=None), now)
    return state, [*back, *actions]


def _emptied(state: State, event: HeadSeen, now: float) -> Decision:
    """Another, still empty store is at the address: the worker keeps running what it read last."""
    new = replace(state, away=EMPTIED, store=event.store, version=event.head.version)
    if new == state:
        return state, []
    new, actions = _apply(new, now)
    return new, [*_away_note(state, EMPTIED), *actions]


def _store_away(state: State, event: StoreAway) -> Decision:
    """A store that cannot be read changes nothing."""
    first = [] if state.reported else [Say()]
    return replace(state, away=event.why, reported=True), [*_away_note(state, event.why), *first]


def _away_note(state: State, why: str) -> list[Note]:
    text = f"cannot read the store, going on with what was read last: {why}"
    return [Note("warning", text)] if state.away is None else []


# -- what a file says ----------------------------------------------------------------------------


def _content_seen(state: State, event: ContentSeen) -> Decision:
    if event.content == state.content:  # touched, not changed
        return state, []
    new = replace(state, content=event.content, version=state.version + 1)
    errors = errors_in(new_problems(event.problems, tolerated(state)))
    if event.models is None or errors:
        return _refuse(new, on_one_line(errors or event.problems)), [Say()]
    if state.good is not None and state.good.deployments and not event.models and not event.may_be_empty:
        count = len(state.good.deployments)
        return _refuse(new, f"it leaves none of {count} models; if that is meant, restart LiteLLM"), [Say()]
    return new, [Fetch()]


def tolerated(state: State) -> tuple[Problem, ...]:
    """What runs now has these problems already: no reason to refuse an edit."""
    revision = state.good or state.pending
    return revision.problems if revision is not None else ()


# -- both ----------------------------------------------------------------------------------------


def _fetched(state: State, event: Fetched, now: float) -> Decision:
    new = replace(state, pending=event.revision)
    if event.store is None:
        return _apply(new, now)
    back = [Note("info", "the store is back")] if state.away is not None else []
    new, actions = _apply(replace(new, head=event.head, store=event.store, version=event.head.version, away=None), now)
    return new, [*back, *actions]


def _router_born(state: State, event: RouterBorn, now: float) -> Decision:
    left_out = {deployment.id: LeftOut(deployment, _within(state.pending, deployment)) for deployment in event.dropped}
    good = without(state.good, left_out, {}) if state.good is not None else None
    new = replace(state, good=good, left_out={**state.left_out, **left_out})
    if left_out and state.pending is not None and state.good is not None:
        why = f"LiteLLM dropped at boot: {', '.join(named(deployment) for deployment in event.dropped)}"
        new = replace(_refuse(new, why), standing=Standing.DROPPED_AT_BOOT)
    if new.pending is None and new.good is None:
        return new, []  # nothing has been read yet
    return _apply(new, now)


def _applied(state: State) -> Decision:
    new = replace(state, good=state.trying, pending=None, trying=None, reported=True)
    if state.pending is None:
        if state.standing is Standing.BOOTED_ON_PROVEN:
            return replace(new, reported=False), []  # the newest is tried first
        if state.standing is Standing.LOST:
            new = _run(new)
        return new, [Say()]
    assert state.trying is not None
    out = state.pending.deployments.keys() - state.trying.deployments.keys()
    left_out = {
        id_: each for id_, each in state.left_out.items() if id_ in out
    }  # an entry that comes back is a new edit
    new = replace(_run(new), left_out=left_out, absent=tuple(left_out.values()), suspects=frozenset())
    return new, [KeepRunning(state.pending, frozenset(out)), Say()]


def _refused(state: State, event: ConfigRefused, now: float) -> Decision:
    if state.pending is None:  # LiteLLM refuses what it ran before
        standing = Standing.LOST if state.trouble is None else state.standing
        new = replace(state, trouble=state.trouble or event.why, standing=standing, trying=None, reported=True)
        return new, [Say()]
    entry = state.pending.deployments.get(event.entry or "")
    if entry is None or state.trying is None or entry.id not in state.trying.deployments:
        return _apply(_refuse_pending(state, state.pending, event.why), now)
    left_out = {**state.left_out, entry.id: LeftOut(entry, _within(state.pending, entry))}
    new = replace(state, left_out=left_out)
    if entry.id in state.left_out or entry.id in state.suspects:
        return _apply(new, now)  # it was refused before, so it must not block further edits
    return _apply(_refuse_pending(new, state.pending, event.why), now)


def _refuse_pending(state: State, pending: Revision, why: str) -> State:
    """What came with it may be left out of later edits; the selections that did go on over the good one."""
    advice = [problem for problem in new_problems(pending.problems, tolerated(state)) if problem.severity == "info"]
    came = pending.deployments.keys() - (state.good.deployments.keys() if state.good else set())
    new = _refuse(state, f"{why} | {on_one_line(advice)}" if advice else why)
    return replace(new, suspects=frozenset(came))


def _lost(state: State, now: float) -> Decision:
    text = "LiteLLM's Router lost deployments that the desired state holds; putting them back"
    first = [] if state.standing is Standing.LOST else [Note("warning", text)]
    state, actions = _apply(state, now)
    return state, [*first, *actions]


def _run(state: State) -> State:
    return replace(state, standing=Standing.RUNNING, trouble=None)


def _refuse(state: State, why: str) -> State:
    return replace(state, pending=None, trying=None, standing=Standing.REFUSED, trouble=why)


def _apply(state: State, now: float) -> Decision:
    """Give the Router what counts now; where there is nothing to give, say so."""
    running = state.good.deployments if state.good is not None else {}
    target = _without_left_out(state.pending, state, running) if state.pending is not None else state.good
    state = replace(state, trying=target, turn_at=next_change(state.head.selections, now))
    if target is None:
        return replace(state, reported=True), [Say()]
    return state, [Apply(target.config(state.head.selections, now))]


def _without_left_out(pending: Revision, state: State, running: Mapping[str, Deployment]) -> Revision:
    """Without the entries that LiteLLM refused in the same context; in another context they are tried again."""
    there = state.left_out.keys() & pending.deployments.keys()
    out = [id_ for id_ in there if state.left_out[id_].within == _within(pending, state.left_out[id_].entry)]
    return without(pending, out, running)


def _within(revision: Revision | None, entry: Deployment) -> object:
    if revision is None:
        return None
    group = sorted(id_ for id_, deployment in revision.deployments.items() if deployment.group == entry.group)
    return group, revision.surroundings
