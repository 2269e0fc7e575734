"""A row of the usage: its figures in the units that people read, nested for JSON and flat for CSV."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from modelctl.service.usage_types import Failures, Spread, UsageFigures
from modelctl.usage import bins
from modelctl.usage.figures import Figures, failed

_QUANTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}


def row_figures(figures: Figures) -> UsageFigures:
    """The figures of a row. Cost in USD; None where nothing is known, which is not the same as 0."""
    why, attempts = failed(figures), failed(figures, "attempts_")
    requests, calls = int(figures["requests"]), int(figures["attempts"])
    unknown, good = int(figures["cost_unknown"]), calls - sum(attempts.values())
    return {
        "requests": requests,
        "succeeded": requests - sum(why.values()),
        "success_rate": None if not requests else round(1 - sum(why.values()) / requests, 4),
        "failed": _failures(why),
        "cached": int(figures["cached"]),
        "closed": int(figures["closed"]),
        "attempts": calls,
        "attempts_failed": _failures(attempts),
        "prompt_tokens": int(figures["prompt_tokens"]),
        "completion_tokens": int(figures["completion_tokens"]),
        "cached_read_tokens": int(figures["cached_read_tokens"]),
        "cache_creation_tokens": int(figures["cache_creation_tokens"]),
        "reasoning_tokens": int(figures["reasoning_tokens"]),
        "cost": None if unknown and unknown >= good and not figures["cost"] else round(figures["cost"], 10),
        "cost_unknown": unknown,
        "latency": _spread(figures.request_bins, figures["request_seconds"]),
        "attempt_latency": _spread(figures.attempt_bins, figures["attempt_seconds"]),
        "first_token": _spread(figures.first_token_bins, figures["first_token_seconds"]),
        "tokens_per_second": _rate(figures["completion_tokens"], figures["attempt_seconds"]),
        "not_counted": int(figures["not_counted"]),
        "tool_calls": int(figures["tool_calls"]),
        "tool_calls_invalid": int(figures["tool_calls_invalid"]),
        "json_answers": int(figures["json_answers"]),
        "json_answers_invalid": int(figures["json_answers_invalid"]),
    }


def _failures(count: Mapping[str, int]) -> Failures:
    return {
        "rate_limit": count["rate_limit"],
        "timeout": count["timeout"],
        "auth": count["auth"],
        "bad_request": count["bad_request"],
        "upstream": count["upstream"],
        "other": count["other"],
    }


def _spread(measured: bins.Bins, total: float) -> Spread | None:
    """Seconds; None where nothing was measured."""
    count = sum(measured.values())
    if not count:
        return None
    p50, p95, p99 = bins.quantiles(measured, list(_QUANTILES.values()))
    return {"mean": round(total / count, 6), "p50": p50, "p95": p95, "p99": p99}


def _rate(count: float, seconds: float) -> float | None:
    return round(count / seconds, 3) if count and seconds else None


def flat(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row for CSV: what is nested gets names such as `failed.timeout`."""
    found: dict[str, Any] = {}
    for name, value in row.items():
        if name in ("latency", "attempt_latency", "first_token"):
            value = value or dict.fromkeys(("mean", *_QUANTILES))
        if isinstance(value, Mapping):
            found |= {f"{name}.{inner}": item for inner, item in value.items()}
        else:
            found[name] = value
    return found


COLUMNS = tuple(flat(row_figures(Figures())))
"""The names of a flat row, beside those that it is grouped by."""
