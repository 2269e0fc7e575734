"""What the API, the CLI and the page show: JSON values made from a snapshot. Pure; no I/O."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import cast

from modelctl.errors import Problem
from modelctl.litellm_spec.facts import FACTS
from modelctl.service import selection_stack
from modelctl.service.answer_types import (
    BlockAnswer,
    CurrentAnswer,
    FactsAnswer,
    HistoryAnswer,
    ModelAnswer,
    Pointing,
    ProblemAnswer,
    ProviderAnswer,
    RouteAnswer,
)
from modelctl.service.model_index import Index, Target
from modelctl.service.proof_answers import proof_answer
from modelctl.service.selecting import described
from modelctl.service.snapshot import Snapshot
from modelctl.state import blocking, routes
from modelctl.state.desired import DesiredState, Model, Provider, Route
from modelctl.state.proving import ProofStand
from modelctl.state.selection import HistoryEntry, Selection
from modelctl.text.times import iso

NONE: Mapping[str, ProofStand] = {}
Blocks = Mapping[str, Selection]  # by public name
NO_BLOCKS: Blocks = {}


def problem_answers(problems: Iterable[Problem]) -> list[ProblemAnswer]:
    return [
        {
            "rule": problem.rule,
            "message": problem.message,
            "file": problem.file,
            "line": problem.line,
            "column": problem.column,
            "severity": problem.severity,
            "hint": problem.hint,
        }
        for problem in problems
    ]


def model_answer(model: Model, unset: Collection[str], blocks: Blocks = NO_BLOCKS) -> ModelAnswer:
    """One model; `available` is false, with the `reason`, where a request to it cannot succeed."""
    facts = cast(FactsAnswer, {name: getattr(model, name) for name in FACTS})
    block = blocks.get(model.public_name)
    reason = why_unavailable(model, unset) or (blocking.told(block) if block else None)
    return {
        "id": model.id,
        "name": model.name,
        "provider": model.provider,
        "description": model.description,
        **facts,
        "public_name": model.public_name,
        "price": dict(model.price),
        "tags": list(model.tags),
        "lifecycle": dict(model.lifecycle),
        "icon": model.icon,
        "color": model.color,
        "available": reason is None,
        "reason": reason,
        "blocked": block_answer(block) if block else None,
    }


def block_answer(block: Selection) -> BlockAnswer:
    return {
        "model": block.target,
        "actor": block.actor,
        "since": block.at,
        "until": block.until,
        "reason": block.reason,
    }


def blocks(snapshot: Snapshot) -> list[BlockAnswer]:
    """`GET /models/blocked`."""
    return [block_answer(block) for block in snapshot.blocks.values()]


def why_unavailable(model: Model, unset: Collection[str]) -> str | None:
    if not model.rendered:
        successor = model.lifecycle.get("successor")
        retires = model.lifecycle.get("retires")
        since = f" on {retires}" if retires else ""
        return f"retired{since}" + (f"; use {successor}" if successor else "")
    missing = sorted(set(model.references) & set(unset))
    return f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} not set" if missing else None


def provider_answer(provider: Provider, unset: Collection[str], blocks: Blocks = NO_BLOCKS) -> ProviderAnswer:
    return {
        "id": provider.id,
        "name": provider.name,
        "description": provider.description,
        "icon": provider.icon,
        "color": provider.color,
        "models": [model_answer(model, unset, blocks) for model in provider.models],
    }


def catalog(desired: DesiredState | None, unset: Collection[str], blocks: Blocks = NO_BLOCKS) -> list[ProviderAnswer]:
    """`GET /models/list`."""
    return [provider_answer(provider, unset, blocks) for provider in desired.providers] if desired else []


def current(snapshot: Snapshot, route_name: str, proofs: Mapping[str, ProofStand] = NONE) -> CurrentAnswer:
    """`GET /models/current`: where a route points at this moment, and why."""
    index = snapshot.need()
    route = index.route(route_name)
    model = _target(index, route, snapshot).model
    return {
        **_pointing(index, route, snapshot, proofs),
        "model_info": model_answer(model, snapshot.unset, snapshot.blocks) if model else None,
        "version": snapshot.head.version,
    }


def all_routes(snapshot: Snapshot, proofs: Mapping[str, ProofStand] = NONE) -> list[RouteAnswer]:
    """`GET /routes`."""
    index = snapshot.index
    return [_route(index, route, snapshot, proofs) for route in index.desired.routes.values()] if index else []


def _target(index: Index, route: Route, snapshot: Snapshot) -> Target:
    selection = routes.effective(snapshot.head.selections.get(route.name, ()), snapshot.now)
    return described(index, selection, snapshot.targets[route.name])


def _pointing(index: Index, route: Route, snapshot: Snapshot, proofs: Mapping[str, ProofStand]) -> Pointing:
    stack = snapshot.head.selections.get(route.name, ())
    selection = routes.effective(stack, snapshot.now)
    target, point = _target(index, route, snapshot), snapshot.reached[route.name]
    pointing: Pointing = {
        "model_id": target.model_id,
        "provider": target.provider,
        "route": route.name,
        "target": target.name,
        "default": route.target,
        "source": "run-time" if selection else "git",
        "warnings": problem_answers(routes.warnings(target.models)),
        "until": selection.until if selection else None,
        "reason": selection.reason if selection else None,
        "actor": selection.actor if selection else None,
        "since": selection.at if selection else None,
        "forced": selection.forced if selection else False,
        "pinned": selection.pinned if selection else False,
        "diverged": bool(selection and selection.over != route.target),
        "guarded": selection.guarded if selection else None,
        "split": dict(arms) if (arms := point.arms) else None,
        "proof": proof_answer(selection.proof, proofs.get(route.name)) if selection and selection.proof else None,
        "instead_of": point.instead_of,
        "then": _then(stack, selection, route),
        "rollback_to": _rollback_to(stack, route, snapshot.now),
    }
    if len(target.models) > 1:
        pointing["members"] = target.members
    return pointing


def _rollback_to(stack: selection_stack.Stack, route: Route, now: float) -> str | None:
    rest, undone = selection_stack.undone(stack, route, now)
    after = routes.effective(rest, now)
    return None if undone is None else after.target if after else route.target


def _then(stack: Sequence[Selection], selection: Selection | None, route: Route) -> str | None:
    """Where the route points once the time limit of its present selection has passed."""
    if selection is None or selection.until is None:
        return None
    after = routes.effective(stack, selection.until)
    return after.target if after else route.target


def _route(index: Index, route: Route, snapshot: Snapshot, proofs: Mapping[str, ProofStand]) -> RouteAnswer:
    choices = list(route.choices) if isinstance(route.choices, (list, tuple)) else route.choices
    return {
        **_pointing(index, route, snapshot, proofs),
        "description": route.description,
        "also": list(route.also),
        "requires": dict(route.requires),
        "choices": choices,
        "fallbacks": None if route.fallbacks is None else list(route.fallbacks),
        "guard": asdict(route.guard) if route.guard else None,
    }


def history_answer(entry: HistoryEntry) -> HistoryAnswer:
    return {
        "action": entry.action,
        "at": entry.at,
        "actor": entry.actor,
        "route": entry.route,
        "before": entry.before,
        "after": entry.after,
        "reason": entry.reason,
        "revision": entry.revision,
        "until": entry.until,
        "forced": entry.forced,
        "version": entry.version,
        "time": iso(entry.at) or "",
        "split": dict(entry.split) if entry.split else None,
        "model": entry.model,
    }
