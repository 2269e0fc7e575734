"""What `GET /status` says: versions, problems, routes, workers, the supervisor, guards and budgets. Pure; no I/O."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence

from modelctl import API_VERSION, __version__
from modelctl.errors import Problem
from modelctl.litellm_spec.supported_lines import remark
from modelctl.service import views
from modelctl.service.snapshot import Snapshot
from modelctl.service.status_answer_types import (
    Agreement,
    AlertsAnswer,
    BudgetAnswer,
    CatalogSource,
    GuardAnswer,
    KeyAnswer,
    StatusAnswer,
    Supervisor,
    WorkerAnswer,
    WorkerCooldown,
)
from modelctl.state.alerting import AlertsLook
from modelctl.state.budgeting import Spent
from modelctl.state.guarding import GuardLook
from modelctl.state.key_source import KeySource
from modelctl.state.proving import ProofStand
from modelctl.state.selection import Head, Worker


def status(
    snapshot: Snapshot,
    problems: Iterable[Problem],
    render_current: bool | None,
    supervisor: Supervisor | None = None,
    *,
    budgets: Sequence[Spent] = (),
    proofs: Mapping[str, ProofStand] = views.NONE,
    agreement: Agreement,
    source: CatalogSource | None = None,
    guards: Sequence[GuardLook] = (),
    alerts: AlertsLook | None = None,
) -> StatusAnswer:
    """`GET /status`. `supervisor` is None where we did not start the workers: then they outlive us."""
    now = time.time()
    return {
        "modelctl_version": __version__,
        "api_version": API_VERSION,
        "revision": snapshot.head.revision,
        "version": snapshot.head.version,
        "problems": views.problem_answers(problems),
        "render": {"current": render_current},
        "routes": views.all_routes(snapshot, proofs),
        "workers": [worker_answer(worker, snapshot.head, now) for worker in snapshot.workers],
        "supervisor": supervisor,
        "budgets": [budget_answer(spent) for spent in budgets],
        "blocked": views.blocks(snapshot),
        "agreement": agreement,
        "source": source,
        "guards": [guard_answer(look) for look in guards],
        "alerts": alerts_answer(alerts) if alerts else None,
    }


def worker_answer(worker: Worker, head: Head, now: float) -> WorkerAnswer:
    return {
        "id": worker.id,
        "pid": worker.pid,
        "host": worker.host,
        "revision": worker.revision,
        "selection": worker.targets,
        "version": worker.version,
        "acked": worker.acked(head.version),
        "error": worker.error,
        "age_s": round(max(0.0, now - worker.at), 3),
        "unset": list(worker.unset),
        "restart_needed": list(worker.restart_needed),
        "left_out": list(worker.left_out),
        "state": worker.state,
        "litellm": worker.litellm,
        "litellm_remark": remark(worker.litellm) if worker.litellm else None,
        "took_ms": worker.took_ms,
        "usage_remark": worker.usage,
        "started": worker.started,
        "keys": [key_answer(key) for key in worker.keys],
        "cooldowns": worker_cooldowns(worker, now),
    }


def worker_cooldowns(worker: Worker, now: float) -> list[WorkerCooldown] | None:
    if worker.health is None or worker.health.cooldowns is None:
        return None
    return [
        {
            "model": each.model,
            "deployment": each.deployment,
            "why": each.why,
            "error": each.error,
            "status": each.status,
            "until": each.until,
        }
        for each in worker.health.cooldowns
        if each.until > now
    ]


def key_answer(key: KeySource) -> KeyAnswer:
    return {"variable": key.variable, "file": key.file, "since": key.since, "problem": key.problem}


def budget_answer(spent: Spent) -> BudgetAnswer:
    return {
        "kind": spent.kind,
        "name": spent.name,
        "per_day": spent.most,
        "unit": spent.unit,
        "used": round(spent.used, 6),
        "share": round(spent.share, 4),
        "unknown": spent.unknown,
        "then": spent.budget.then,
    }


def guard_answer(look: GuardLook) -> GuardAnswer:
    return {
        "route": look.route,
        "target": look.target,
        "left": look.left,
        "calls": look.calls,
        "failed": look.failed,
        "p95_s": None if look.p95_s is None else round(look.p95_s, 6),
        "rests_until": None if look.rests_until is None else round(look.rests_until, 3),
        "stuck": look.stuck,
    }


def alerts_answer(look: AlertsLook) -> AlertsAnswer:
    return {"about": list(look.about), "trouble": look.trouble, "lost": look.lost}
