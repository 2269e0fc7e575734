"""What LiteLLM avoids and what is left of rate limits, for Prometheus. Bounded: what workers tell is."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import Metric

from modelctl.api.state_metrics import gauge
from modelctl.service.snapshot import Snapshot
from modelctl.state.cooldown import Cooldown, RateLimit

KINDS = ("requests", "tokens")


def health(state: Snapshot, now: float) -> Iterator[Metric]:
    reports = [(worker.id, worker.health) for worker in state.workers if worker.health is not None]
    yield from _cooldowns(
        [(worker, each) for worker, health in reports for each in health.cooldowns or () if each.until > now], now
    )
    yield from _limits([(worker, each) for worker, health in reports for each in health.limits])


def _cooldowns(found: list[tuple[str, Cooldown]], now: float) -> Iterator[Metric]:
    counts: dict[tuple[str, str, str], int] = {}
    left: dict[tuple[str, str], float] = {}
    for worker, each in found:
        counts[each.model, worker, each.why] = counts.get((each.model, worker, each.why), 0) + 1
        left[each.model, worker] = max(left.get((each.model, worker), 0.0), each.until - now)
    text = "Deployments that LiteLLM avoids after failures"
    yield gauge("modelctl_cooldowns", text, ("model_group", "worker", "exception_class"), counts.items())
    text = "How long the last of a model's cooldowns goes on"
    yield gauge("modelctl_cooldown_left_seconds", text, ("model_group", "worker"), left.items())


def _limits(found: list[tuple[str, RateLimit]]) -> Iterator[Metric]:
    """Of the deployment of a model that is nearest to its end."""
    nearest: dict[tuple[str, str], RateLimit] = {}
    for worker, each in sorted(found, key=lambda pair: -pair[1].share):
        nearest[each.model, worker] = each
    samples = [((*key, kind), each, kind) for key, each in nearest.items() for kind in KINDS]
    labels = ("model_group", "worker", "kind")
    left = {key: value for key, each, kind in samples if (value := getattr(each, kind)) is not None}
    yield gauge("modelctl_ratelimit_remaining", "What the provider said is left of its limit", labels, left.items())
    most = {key: value for key, each, kind in samples if (value := getattr(each, f"{kind}_limit")) is not None}
    yield gauge("modelctl_ratelimit_limit", "The provider's limit, as it said", labels, most.items())
