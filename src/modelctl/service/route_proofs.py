"""Proves models for routes: reads what is counted, lets `proving` decide, and takes the next step or goes back.

What a proof is stands in its selection, so that it goes on whoever asked for it, and ends with a rollback. What a step
has seen is in memory: a control plane that starts anew begins the present step anew.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from math import inf

from modelctl.service import proof_steps
from modelctl.service.selecting import SelectionChange, described, pointed
from modelctl.service.service import Service
from modelctl.service.snapshot import Snapshot
from modelctl.state import proving, routes, splitting
from modelctl.state.blocking import told
from modelctl.state.desired import Route
from modelctl.state.proving import ACTOR, Evidence, Looks, ProofStand, Verdict
from modelctl.state.selection import HistoryEntry, Proof, Selection
from modelctl.state.terms import ProofBounds
from modelctl.store.usage_store import MINUTE, UsageStore
from modelctl.usage.figures import Figures

BY = ("route", "model")


@dataclass(frozen=True, slots=True)
class StepBase:
    """A step as this control plane met it: by its steady clock, with what was counted before."""

    proof: Proof
    at: float
    minute: float
    before: Mapping[str, Figures] = field(default_factory=dict)  # by model
    looks: Looks = field(default_factory=Looks)


class Proofs:
    """One for a control plane; `turn` is called a few times a second. `steady` is a clock that never jumps."""

    def __init__(
        self,
        service: Service,
        kept: UsageStore,
        clock: Callable[[], float] = time.time,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._service, self._kept, self._clock, self._steady = service, kept, clock, steady
        self._met: dict[str, StepBase] = {}

    def turn(self) -> None:
        """Raises StoreDown while figures or state cannot be read."""
        state = self._service.snapshot()
        stacks = state.head.selections
        for name in [name for name, stack in stacks.items() if _covered(stack, state.now)]:
            self._service.act(partial(_uncovered, name))
        running = {name: one for name in stacks if (one := _proof(state, name)) and name in state.targets}
        self._met = {name: met for name, met in self._met.items() if name in running}
        self._service.proofs = {name: self._one(state, name, proof) for name, proof in running.items()}

    def _one(self, state: Snapshot, name: str, proof: Proof) -> ProofStand:
        route = state.need().routes[name]
        bounds = route.proof or ProofBounds()
        met = self._met.get(name)
        if met is None or met.proof != proof:
            met = self._met[name] = self._begin(route, proof)
        seen = self._seen(route, met)
        looks, verdict = proving.look(proof, bounds, seen, met.looks)
        if block := state.blocks.get(proof.new):
            verdict = Verdict(False, told(block))
        self._met[name] = replace(met, looks=looks)
        if verdict is not None:
            self._service.act(partial(_decided, name, replace(proof, looks=looks.count), verdict))
        return ProofStand(proof, seen, proving.waits(proof, bounds, seen))

    def _begin(self, route: Route, proof: Proof) -> StepBase:
        minute = self._clock() // MINUTE * MINUTE
        return StepBase(proof, self._steady(), minute, self._counted(route, minute), Looks(proof.looks))

    def _seen(self, route: Route, met: StepBase) -> Evidence:
        proof, now = met.proof, self._counted(route, met.minute)
        new, present = (
            now.get(name, Figures()).since(met.before.get(name, Figures())) for name in (proof.new, proof.present)
        )
        if proof.share == splitting.WHOLE:  # nothing is left for the present model: it is as it was in the steps before
            present = self._counted(route, proof.began // MINUTE * MINUTE).get(proof.present, Figures())
        return Evidence(new, present, self._steady() - met.at)

    def _counted(self, route: Route, start: float) -> dict[str, Figures]:
        """By model, what was asked for by the route's names since then."""
        found: dict[str, Figures] = {}
        for (asked, model), figures in self._kept.sums(MINUTE, start, inf, BY).items():
            if asked in route.names:
                found.setdefault(model, Figures()).merge(figures)
        return found


def _proof(state: Snapshot, name: str) -> Proof | None:
    """The proof that runs on a route."""
    one = routes.effective(state.head.selections.get(name, ()), state.now)
    return one.proof if one else None


def _covered(stack: tuple[Selection, ...], now: float) -> bool:
    """Whether somebody chose another model over one that is being proved."""
    return any(one.proof for one in stack if one is not routes.effective(stack, now))


def _uncovered(name: str, state: Snapshot) -> SelectionChange:
    """A choice over a proof ends it; the proof must not come back when that choice is taken back."""
    selections, stack = state.head.selections, state.head.selections.get(name, ())
    top = routes.effective(stack, state.now)
    ended = [one for one in stack if one.proof and one is not top]
    kept = tuple(one for one in stack if one not in ended)
    to = top.target if top else state.targets[name]
    why = f"{to} was chosen while {', '.join(one.proof.new for one in ended if one.proof)} was being proved"
    entry = HistoryEntry("end", state.now, ACTOR, name, to, to, why, state.head.revision)
    target = described(state.need(), top, to)
    return SelectionChange(name, {**selections, name: kept}, (entry,) if ended else (), target, to)


def _decided(name: str, proof: Proof, verdict: Verdict, state: Snapshot) -> SelectionChange:
    """The next step, the end, or back; nothing where the proof is not what counts any more."""
    stack, before = state.head.selections.get(name, ()), state.targets.get(name, "")
    own = routes.effective(stack, state.now)
    if own is None or own.proof is None or replace(own.proof, looks=proof.looks) != proof:
        return SelectionChange(name, state.head.selections, (), described(state.need(), own, before), before)
    after = proof_steps.following(own, proof, state.now) if verdict.good else None
    kept = tuple(one for one in (after if each is own else each for each in stack) if one)
    selections = {route: each for route, each in {**state.head.selections, name: kept}.items() if each}
    to = pointed(state.need().routes[name], selections, state.now)
    action = "return" if after is None else "prove" if after.proof else "select"
    entry = HistoryEntry(
        action, state.now, ACTOR, name, proof.present, proof.new if after else to, _reason(proof, verdict),
        state.head.revision, split=after.split if after else None,
    )  # fmt: skip
    return SelectionChange(name, selections, (entry,), described(state.need(), after, to), before)


def _reason(proof: Proof, verdict: Verdict) -> str:
    step = f"step {proof.at + 1} of {len(proof.steps)} ({proof.share:g} %)"
    return f"{step}: {verdict.why}"
