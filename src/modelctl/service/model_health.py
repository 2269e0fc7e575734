"""What LiteLLM avoids in the workers, and the request to avoid it no longer."""

from __future__ import annotations

import time
from collections.abc import Iterable

from modelctl.errors import NotFound
from modelctl.service.health_types import ClearedWorker, CooldownAnswer, HealthAnswer, LimitAnswer
from modelctl.service.snapshot import Snapshot
from modelctl.state.cooldown import CLEAR, Cooldown, RateLimit
from modelctl.state.selection import HistoryEntry, Worker
from modelctl.text.nearest import nearest


def health(state: Snapshot, now: float) -> HealthAnswer:
    """The last to end first; of limits the one that is nearest to its end."""
    reports = [(worker, worker.health) for worker in state.workers if worker.health is not None]
    cooled = [(worker, each) for worker, health in reports for each in health.cooldowns or () if each.until > now]
    limits = [(worker, each) for worker, health in reports for each in health.limits]
    cooled.sort(key=lambda pair: (-pair[1].until, pair[1].model, pair[0].id))
    limits.sort(key=lambda pair: (pair[1].share, pair[1].model, pair[0].id))
    return {
        "workers": len(state.workers),
        "cooldowns": [_cooldown(state, worker, each, now) for worker, each in cooled],
        "more": sum(health.more for _, health in reports),
        "limits": [_limit(state, worker, each) for worker, each in limits],
        "untold": [each.id for each in state.workers if each.health is None or each.health.cooldowns is None],
    }


def _cooldown(state: Snapshot, worker: Worker, each: Cooldown, now: float) -> CooldownAnswer:
    return {
        "model": each.model,
        "provider": provider_of(state, each.model),
        "deployment": each.deployment,
        "worker": worker.id,
        "why": each.why,
        "error": each.error,
        "status": each.status,
        "since": each.since,
        "until": each.until,
        "left_s": round(each.until - now, 3),
    }


def _limit(state: Snapshot, worker: Worker, each: RateLimit) -> LimitAnswer:
    return {
        "model": each.model,
        "provider": provider_of(state, each.model),
        "deployment": each.deployment,
        "worker": worker.id,
        "at": each.at,
        "requests": each.requests,
        "requests_limit": each.requests_limit,
        "tokens": each.tokens,
        "tokens_limit": each.tokens_limit,
    }


def provider_of(state: Snapshot, model: str) -> str | None:
    """Of the catalog; None where several offer a model of that name."""
    found = {each.provider for each in state.index.by_name.get(model, ())} if state.index else set()
    return found.pop() if len(found) == 1 else None


def request(state: Snapshot, name: str, actor: str, reason: str | None) -> HistoryEntry:
    """The line of history that workers act on. `name` is a public name or a route, then its target is meant."""
    index = state.need()
    route = index.routes.get(name)
    model = state.targets[route.name] if route and name not in index.by_name else name
    if model not in index.by_name and model not in index.desired.public_names:
        near = nearest(name, {*index.by_name, *index.routes})
        raise NotFound(f"no model is called `{name}`", hint=f"did you mean `{near}`?" if near else "modelctl list")
    return HistoryEntry(CLEAR, time.time(), actor, after=model, reason=reason)


def cleared(workers: Iterable[Worker], version: int, waited_s: float) -> list[ClearedWorker]:
    return [_cleared(worker, version, waited_s) for worker in workers]


def _cleared(worker: Worker, version: int, waited_s: float) -> ClearedWorker:
    ended = (worker.health.cleared or {}).get(version) if worker.health else None
    late = f"has not answered within {waited_s:g} s" if worker.version < version else None
    error = None if ended is not None else late or "cannot end cooldowns: its LiteLLM or its hook does not tell them"
    return {"id": worker.id, "deployments": ended, "error": error}
