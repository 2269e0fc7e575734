"""`/metrics`: what the workers counted, for Prometheus. A collector over the store: right for any number of workers.

Counters are per worker and end an hour after the worker did, so that no series ever falls.
"""

from __future__ import annotations

import time
from asyncio import to_thread
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.responses import Response

from modelctl.api import state_metrics
from modelctl.api.health_metrics import health
from modelctl.errors import StoreDown
from modelctl.service import Service, Snapshot
from modelctl.store.usage_store import DAY, HOUR, UsageStore
from modelctl.usage import bins
from modelctl.usage.figures import CLASSES, TOKENS, Figures

router = APIRouter(tags=["usage"])
DASHBOARD = Path(__file__).with_name("grafana_dashboard.json")
LABELS = ("requested_model", "route", "model_group", "api_provider", "worker")
BY = ("route", "model", "provider", "worker")
BUCKETS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600)
_COUNTERS = {
    "requests": "Requests that came to an end",
    "attempts": "Calls of a provider; one request may be several",
    "closed": "Requests that their client left before the end",
    "cached": "Requests that LiteLLM answered from its cache",
    "not_counted": "Requests of which LiteLLM never told the end: the other figures lack them",
    "cost_unknown": "Attempts whose cost LiteLLM does not know",
}
_NAMES = {name: f"modelctl_{name if name in ('requests', 'attempts') else f'requests_{name}'}" for name in _COUNTERS}
_NAMES["cost_unknown"] = "modelctl_attempts_cost_unknown"
_SECONDS = {
    "request": "How long a request took, with its retries and fallbacks",
    "attempt": "How long a call of a provider took",
    "first_token": "How long a stream took to its first piece",
}
Series = tuple[tuple[str, ...], Figures]


@router.get(
    "/metrics",
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
    response_class=Response,
    summary="For Prometheus",
)
async def metrics(request: Request) -> Response:
    """Answers also while the store cannot be read: `modelctl_store_up` is 0 then, and what cannot be read is absent."""
    registry = CollectorRegistry()
    registry.register(UsageCollector(request.app.state.usage, request.app.state.service))
    return Response(await to_thread(generate_latest, registry), 200, {"cache-control": "no-store"}, CONTENT_TYPE_LATEST)


@router.get(
    "/metrics/grafana.json",
    responses={200: {"content": {"application/json": {"schema": {"type": "object"}}}}},
    response_class=Response,
    summary="A Grafana dashboard for these metrics, to import",
)
async def dashboard() -> Response:
    return Response(await to_thread(DASHBOARD.read_bytes), 200, {"cache-control": "no-cache"}, "application/json")


class UsageCollector(Collector):
    def __init__(self, kept: UsageStore, service: Service) -> None:
        self._kept, self._service = kept, service

    def describe(self) -> Iterable[Metric]:
        return ()  # so that registering reads nothing

    def collect(self) -> Iterator[Metric]:
        """What can be read is told, whatever cannot."""
        state, found = self._state(), None
        with suppress(StoreDown):
            found = self._series(_names(state)) if state else None
        up = int(found is not None)
        yield GaugeMetricFamily("modelctl_store_up", "Whether state and usage can be read", value=up)
        if state is not None:
            yield from self._standing(state)
        if found is not None:
            yield from counters(found)
            yield from histograms(found)

    def _state(self) -> Snapshot | None:
        with suppress(StoreDown):
            return self._service.snapshot()
        return None

    def _standing(self, state: Snapshot) -> Iterator[Metric]:
        yield from state_metrics.workers(state)
        yield from state_metrics.routes(state)
        yield from state_metrics.budgets(self._service.budgets)
        yield from state_metrics.problems(self._service.troubles(state))
        yield from state_metrics.alerts(self._service.delivery)
        yield from health(state, time.time())

    def _series(self, routes: frozenset[str]) -> list[Series]:
        workers = self._kept.workers(time.time() - HOUR)
        rows = self._kept.sums(DAY, 0, float("inf"), BY, workers=workers)
        return [
            ((asked, asked if asked in routes else "", model, provider, worker), figures)
            for (asked, model, provider, worker), figures in sorted(rows.items())
        ]


def _names(state: Snapshot) -> frozenset[str]:
    routes = state.desired.routes.values() if state.desired else ()
    return frozenset(name for route in routes for name in route.names)


def counters(found: Sequence[Series]) -> Iterator[Metric]:
    for name, text in _COUNTERS.items():
        yield _counter(_NAMES[name], text, found, {(): name})
    classes: dict[Sequence[str], str] = {(failure,): f"failed_{failure}" for failure in CLASSES}
    yield _counter("modelctl_request_failures", "Requests without an answer", found, classes, more=("exception_class",))
    classes = {(failure,): f"attempts_{failure}" for failure in CLASSES}
    yield _counter(
        "modelctl_attempt_failures", "Calls of a provider that failed", found, classes, more=("exception_class",)
    )
    kinds: dict[Sequence[str], str] = {(name.removesuffix("_tokens"),): name for name in TOKENS}
    yield _counter("modelctl_tokens", "Tokens, as the provider counted them", found, kinds, more=("kind",))
    yield _counter("modelctl_cost_usd", "USD, as LiteLLM computed it", found, {(): "cost"})


def _counter(
    name: str, text: str, found: Sequence[Series], fields: dict[Any, str], *, more: Sequence[str] = ()
) -> CounterMetricFamily:
    family = CounterMetricFamily(name, text, labels=[*LABELS, *more])
    for labels, figures in found:
        for values, field in fields.items():
            family.add_metric([*labels, *values], figures[field])
    return family


def histograms(found: Sequence[Series]) -> Iterator[Metric]:
    """Buckets are read off the sketches, so their edges are right within 1 %."""
    for name, text in _SECONDS.items():
        family = HistogramMetricFamily(f"modelctl_{name}_seconds", text, labels=LABELS)
        for labels, figures in found:
            kept: bins.Bins = getattr(figures, f"{name}_bins")
            counts = zip(BUCKETS, bins.below(kept, BUCKETS), strict=True)
            buckets = [*((str(float(bound)), count) for bound, count in counts), ("+Inf", sum(kept.values()))]
            family.add_metric(labels, buckets, figures[f"{name}_seconds"])
        yield family
