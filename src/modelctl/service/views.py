"""What the API, the CLI and the page show: JSON values made from a snapshot. Pure; no I/O."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import asdict
from typing import Any

from modelctl import API_VERSION, __version__
from modelctl.litellm_spec.facts import FACTS
from modelctl.litellm_spec.supported_lines import remark
from modelctl.service import selection_stack
from modelctl.service.model_index import Index
from modelctl.service.selecting import described
from modelctl.service.snapshot import Snapshot
from modelctl.state import routes
from modelctl.state.budgeting import Spent
from modelctl.state.desired import DesiredState, Model, Provider, Route
from modelctl.state.selection import Head, HistoryEntry, Selection, Worker
from modelctl.text.times import iso

_SHOWN = ("id", "name", "provider", "description", *FACTS)


def model(one: Model, unset: Collection[str]) -> dict[str, Any]:
    """One model; `available` is false, with the `reason`, where a request to it cannot succeed."""
    reason = why_unavailable(one, unset)
    return {
        **{name: getattr(one, name) for name in _SHOWN},
        "public_name": one.public_name,
        "price": dict(one.price),
        "tags": list(one.tags),
        "lifecycle": dict(one.lifecycle),
        "icon": one.icon,
        "color": one.color,
        "available": reason is None,
        "reason": reason,
    }


def why_unavailable(one: Model, unset: Collection[str]) -> str | None:
    if not one.rendered:
        successor = one.lifecycle.get("successor")
        retires = one.lifecycle.get("retires")
        since = f" on {retires}" if retires else ""
        return f"retired{since}" + (f"; use {successor}" if successor else "")
    missing = sorted(set(one.references) & set(unset))
    return f"{' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} not set" if missing else None


def provider(one: Provider, unset: Collection[str]) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "description": one.description,
        "icon": one.icon,
        "color": one.color,
        "models": [model(each, unset) for each in one.models],
    }


def catalog(desired: DesiredState | None, unset: Collection[str]) -> list[dict[str, Any]]:
    """`GET /models/list`."""
    return [provider(each, unset) for each in desired.providers] if desired else []


def current(snapshot: Snapshot, route_name: str) -> dict[str, Any]:
    """`GET /models/current`: where a route points at this moment, and why."""
    index = snapshot.need()
    return _pointing(index, index.route(route_name), snapshot)


def all_routes(snapshot: Snapshot) -> list[dict[str, Any]]:
    """`GET /routes`."""
    index = snapshot.index
    return [_route(index, route, snapshot) for route in index.desired.routes.values()] if index else []


def _pointing(index: Index, route: Route, snapshot: Snapshot) -> dict[str, Any]:
    chosen = snapshot.head.selections.get(route.name, ())
    one = routes.effective(chosen, snapshot.now)
    name = one.target if one else route.target
    target = described(index, one, name)
    return {
        "model_id": target.model_id,
        "provider": target.provider,
        "model_info": model(target.model, snapshot.unset) if target.model else None,
        "route": route.name,
        "target": name,
        "default": route.target,
        "source": "run-time" if one else "git",
        "version": snapshot.head.version,
        "warnings": [each.to_dict() for each in routes.warnings(target.models)],
        **_intent(one, route),
        "then": _then(chosen, one, route),
        "rollback_to": _rollback_to(chosen, route, snapshot.now),
        **({"members": target.members} if len(target.models) > 1 else {}),
    }


def _rollback_to(chosen: selection_stack.Stack, route: Route, now: float) -> str | None:
    kept, last = selection_stack.undone(chosen, route, now)
    after = routes.effective(kept, now)
    return None if last is None else after.target if after else route.target


def _then(chosen: Sequence[Selection], one: Selection | None, route: Route) -> str | None:
    """Where the route points once the time limit of what counts now has passed."""
    if one is None or one.until is None:
        return None
    after = routes.effective(chosen, one.until)
    return after.target if after else route.target


def _intent(one: Selection | None, route: Route) -> dict[str, Any]:
    return {
        "until": one.until if one else None,
        "reason": one.reason if one else None,
        "actor": one.actor if one else None,
        "since": one.at if one else None,
        "forced": one.forced if one else False,
        "pinned": one.pinned if one else False,
        "diverged": bool(one and one.over != route.target),
        "guarded": one.guarded if one else None,
        "split": dict(arms) if (arms := one.split if one else route.split) else None,
    }


def _route(index: Index, route: Route, snapshot: Snapshot) -> dict[str, Any]:
    pointing = _pointing(index, route, snapshot)
    del pointing["model_info"], pointing["version"]
    choices = list(route.choices) if isinstance(route.choices, (list, tuple)) else route.choices
    return {
        **pointing,
        "description": route.description,
        "also": list(route.also),
        "requires": dict(route.requires),
        "choices": choices,
        "fallbacks": None if route.fallbacks is None else list(route.fallbacks),
        "guard": asdict(route.guard) if route.guard else None,
    }


def worker(one: Worker, head: Head, now: float) -> dict[str, Any]:
    return {
        "id": one.id,
        "pid": one.pid,
        "host": one.host,
        "revision": one.revision,
        "selection": one.targets,
        "version": one.version,
        "acked": one.acked(head.version),
        "error": one.error,
        "age_s": round(max(0.0, now - one.at), 3),
        "unset": list(one.unset),
        "restart_needed": list(one.restart_needed),
        "left_out": list(one.left_out),
        "state": one.state,
        "litellm": one.litellm,
        "litellm_remark": remark(one.litellm) if one.litellm else None,
        "took_ms": one.took_ms,
        "usage_remark": one.usage,
    }


def entry(one: HistoryEntry) -> dict[str, Any]:
    return {**one.to_dict(), "time": iso(one.at), "split": dict(one.split) if one.split else None}


def budget(one: Spent) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "name": one.name,
        "per_day": one.most,
        "unit": one.unit,
        "used": round(one.used, 6),
        "share": round(one.share, 4),
        "unknown": one.unknown,
        "then": one.budget.then,
    }


def status(
    snapshot: Snapshot,
    problems: list[dict[str, Any]],
    render_current: bool | None,
    supervisor: dict[str, Any] | None = None,
    budgets: Sequence[Spent] = (),
) -> dict[str, Any]:
    """`GET /status`. `supervisor` is None where the workers are not ours to start: then they live on without us."""
    now = time.time()
    return {
        "modelctl_version": __version__,
        "api_version": API_VERSION,
        "revision": snapshot.head.revision,
        "version": snapshot.head.version,
        "problems": problems,
        "render": {"current": render_current},
        "routes": all_routes(snapshot),
        "workers": [worker(each, snapshot.head, now) for each in snapshot.workers],
        "supervisor": supervisor,
        "budgets": [budget(each) for each in budgets],
    }
