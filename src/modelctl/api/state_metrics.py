"""Routes and who moved them, budgets, workers, problems, alerts, for Prometheus. Bounded by the catalog."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from modelctl.errors import Problem
from modelctl.service.snapshot import Snapshot
from modelctl.state.budgeting import Spent
from modelctl.state.routes import effective
from modelctl.state.selection import Selection


class Delivery(Protocol):
    """`service.webhook.Webhook`."""

    sent: int
    lost_in_all: int


def routes(state: Snapshot) -> Iterator[Metric]:
    shares: dict[tuple[str, str], float] = {}
    where, moved, blocked = {}, {}, {}
    for name, route in (state.desired.routes if state.desired else {}).items():
        chosen = effective(state.head.selections.get(name, ()), state.now)
        point = state.reached[name]
        where[name, state.targets[name], source(chosen, instead=point.instead_of is not None)] = 1
        blocked[(name,)] = int(point.instead_of is not None)
        shares |= {(name, arm): share / 100 for arm, share in point.arms or ()}
        if route.guard is not None:
            moved[(name,)] = int(chosen is not None and chosen.guarded is not None)
    yield gauge("modelctl_route_info", "Where a route points, and whose choice that is",
                ("route", "model_group", "source"), where.items())  # fmt: skip
    yield gauge("modelctl_route_blocked", "1 while what the route points to is blocked", ("route",), blocked.items())
    yield gauge("modelctl_split_share_ratio", "Share of a route's sessions that an arm gets",
                ("route", "model_group"), shares.items())  # fmt: skip
    yield gauge("modelctl_guard_moved", "1 while a route stands where its guard moved it", ("route",), moved.items())


def source(chosen: Selection | None, *, instead: bool) -> str:
    """As in the header `x-modelctl-selection`."""
    if instead:
        return "block"
    if chosen is None:
        return "git"
    return "guard" if chosen.guarded is not None else "budget" if chosen.spent else "run-time"


def budgets(found: Sequence[Spent]) -> Iterator[Metric]:
    labels = ("kind", "name", "unit")
    keyed = {(one.kind, one.name, one.unit): one for one in found}
    used, most = {key: one.used for key, one in keyed.items()}, {key: one.most for key, one in keyed.items()}
    yield gauge("modelctl_budget_used", "What is used of a day's budget, in its unit", labels, used.items())
    yield gauge("modelctl_budget_limit", "A day's budget, in its unit", labels, most.items())


def workers(state: Snapshot) -> Iterator[Metric]:
    yield GaugeMetricFamily("modelctl_workers", "LiteLLM workers that follow the store", value=len(state.workers))
    behind = len(state.lacking)
    yield GaugeMetricFamily("modelctl_workers_behind", "Workers that do not run what is published", value=behind)
    info = {(state.head.revision,): 1} if state.head.revision else {}
    yield gauge("modelctl_revision_info", "What is published", ("revision",), info.items())
    yield GaugeMetricFamily("modelctl_state_version", "Grows with each publish and selection", value=state.head.version)


def problems(found: Sequence[Problem]) -> Iterator[Metric]:
    counts = Counter((one.rule, one.severity) for one in found)
    yield gauge("modelctl_problems", "Problems that `modelctl status` tells of", ("rule", "severity"), counts.items())


def alerts(delivery: Delivery | None) -> Iterator[Metric]:
    """Absent where no alert goes anywhere."""
    if delivery is not None:
        sent, lost = delivery.sent, delivery.lost_in_all
        yield CounterMetricFamily("modelctl_alerts_sent", "Alerts that the webhook took", value=sent)
        yield CounterMetricFamily("modelctl_alerts_lost", "Alerts that it did not take", value=lost)


def gauge(
    name: str, text: str, labels: Sequence[str], values: Iterable[tuple[Sequence[str], float]]
) -> GaugeMetricFamily:  # fmt: skip
    family = GaugeMetricFamily(name, text, labels=labels)
    for key, value in values:
        family.add_metric(key, value)
    return family
