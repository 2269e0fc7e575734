"""What was asked of the models, how it went and what it cost: queries over the stored figures."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Protocol, cast

from modelctl.errors import ModelctlError
from modelctl.service.usage_types import Failures, Spread, UsageAnswer, UsageFigures, UsageRow
from modelctl.store.usage_store import DAY, DIMENSIONS, GRAINS, HOUR, MINUTE
from modelctl.text.nearest import nearest
from modelctl.usage import bins
from modelctl.usage.figures import Figures, failed
from modelctl.usage.token_prices import Prices, priced

MOST_STEPS = 2000
LONG_S = 12 * HOUR  # a longer period starts at a full hour, which needs few wide rows instead of many narrow ones
_QUANTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
_AGO = re.compile(r"-?(\d+(?:\.\d+)?)([smhdw])")
_UNITS = {"s": 1, "m": MINUTE, "h": HOUR, "d": DAY, "w": 7 * DAY}
_WORDS = {"minute": MINUTE, "hour": HOUR, "day": DAY}


class Kept(Protocol):
    """Where the figures are read: `store.usage_store.UsageStore`."""

    def sums(
        self, grain: int, start: float, end: float, by: Sequence[str] = (), *, step: int | None = None
    ) -> dict[tuple[Any, ...], Figures]: ...

    def oldest(self, grain: int) -> int | None: ...

    def price_maps(self, start: float, end: float) -> list[str]: ...


@dataclass(frozen=True)
class Asked:
    """`start` <= time < `end` in UTC seconds; `step` in seconds, None for one figure over all of it."""

    by: tuple[str, ...]
    start: float
    end: float
    step: int | None


def asked(group_by: str, start: str | None, end: str | None, step: str | None, *, now: float) -> Asked:
    """Raises ModelctlError, with what would be right, for what cannot be answered."""
    by = tuple(part.strip() for part in group_by.split(",") if part.strip())
    for name in by:
        if name not in DIMENSIONS:
            near = nearest(name, DIMENSIONS)
            hint = f"did you mean `{near}`?" if near else f"any of {', '.join(DIMENSIONS)}"
            raise ModelctlError(f"usage cannot be grouped by `{name[:60]}`", hint=hint)
    if len(set(by)) < len(by):
        raise ModelctlError("group_by names a group twice")
    until = now if end is None else _moment(end, now, "to")
    since = _moment("24h", until, "from") if start is None else _moment(start, now, "from")
    if since >= until:
        raise ModelctlError("`from` must lie before `to`", hint="from=24h is the last day")
    width = None if step is None else _step(step, until - since)
    return Asked(by, since, until, width)


def answer(kept: Kept, question: Asked, now: float, prices: Prices | None = None) -> UsageAnswer:
    """`{from, to, step, group_by, rows}`; times as ISO 8601. By time where there are steps, then the busiest first.

    With `prices` (USD per 1M tokens, by public name) each row has a `recost`, and `price_maps` says by which maps
    LiteLLM computed the costs.
    """
    start, found = _sums(kept, question, now)
    rows = [_row(key, figures, question) for key, figures in found.items()]
    said: UsageAnswer = {
        "from": _iso(start),
        "to": _iso(question.end),
        "step": question.step,
        "group_by": list(question.by),
        "rows": rows,
    }
    if prices is not None:
        again = _recosted(kept, question, now, prices)
        for key, row in zip(found, rows, strict=True):
            row["recost"] = again.get(key)
        said["price_maps"] = kept.price_maps(start, question.end)
    rows.sort(key=lambda row: (row.get("at") or "", -row["requests"], -row["attempts"], *map(str, row.values())))
    return said


def _sums(kept: Kept, question: Asked, now: float) -> tuple[float, dict[tuple[Any, ...], Figures]]:
    found: dict[tuple[Any, ...], Figures] = {}
    start = question.start
    for grain, begin, end in pieces(kept, question, now):
        start = min(start, begin)
        for key, figures in kept.sums(grain, begin, end, question.by, step=question.step).items():
            if key in found:
                found[key].merge(figures)
            else:
                found[key] = figures  # a month by the day: 3,000 rows of one piece, which need no copy
    return start, found


def _recosted(kept: Kept, question: Asked, now: float, prices: Prices) -> dict[tuple[Any, ...], float | None]:
    """What each row would cost at these prices; None where a model in it has none."""
    lead = 1 if question.step is not None else 0
    by = question.by if "model" in question.by else (*question.by, "model")
    at = lead + by.index("model")
    width = lead + len(question.by)
    totals: dict[tuple[Any, ...], float | None] = {}
    for key, figures in _sums(kept, replace(question, by=by), now)[1].items():
        outer = key[:width]
        usd, before = priced(figures, prices.get(str(key[at]), {})), totals.get(outer, 0.0)
        totals[outer] = None if usd is None or before is None else round(before + usd, 10)
    return totals


def pieces(kept: Kept, question: Asked, now: float) -> Iterator[tuple[int, float, float]]:
    """(grain, start, end): each stretch in the widest rows that fit, so that a month is read from 30 rows and edges.

    Where the narrower rows are gone already, the stretch begins earlier.
    """
    end = question.end if question.end < now else math.inf  # no row lies in the future, so the last one is read whole
    start = question.start
    if question.step is not None:
        fit = max(grain for grain in GRAINS if question.step % grain == 0)
        grain = fit if question.step >= DAY else max(fit, _finest(kept, start))
        yield grain, start // question.step * question.step, end
        return
    finest = _finest(kept, start)
    start, edges = start // finest * finest, [grain for grain in GRAINS if grain >= finest]
    yield from _covering(edges, start, end)


def _covering(grains: Sequence[int], start: float, end: float) -> Iterator[tuple[int, float, float]]:
    """The middle in the widest grain, the rest of both sides in narrower ones."""
    if len(grains) == 1:
        yield grains[0], start, end
        return
    wide = grains[-1]
    first, last = math.ceil(start / wide) * wide, end if end == math.inf else end // wide * wide
    if first >= last:
        yield from _covering(grains[:-1], start, end)
        return
    if start < first:
        yield from _covering(grains[:-1], start, first)
    yield wide, first, last
    if last < end:
        yield from _covering(grains[:-1], last, end)


def _finest(kept: Kept, start: float) -> int:
    """The narrowest rows that still reach back to `start`, or as far as the wider ones do."""
    oldest = {grain: at for grain in GRAINS if (at := kept.oldest(grain)) is not None}
    for grain, at in oldest.items():
        if at <= start or all(at < other + wider for wider, other in oldest.items() if wider > grain):
            return grain
    return MINUTE


def _row(key: tuple[Any, ...], figures: Figures, question: Asked) -> UsageRow:
    named = list(key)
    names: dict[str, Any] = {"at": _iso(named.pop(0))} if question.step is not None else {}
    names |= dict(zip(question.by, named, strict=False))
    return cast(UsageRow, {**names, **row_figures(figures)})


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


def _moment(text: str, now: float, name: str) -> float:
    """`2026-11-27T12:00:00Z`, seconds since the epoch, or how long ago: `24h`."""
    if match := _AGO.fullmatch(text):
        ago = float(match[1]) * _UNITS[match[2]]
        at = (now - ago) // HOUR * HOUR if ago >= LONG_S else now - ago
    else:
        try:
            at = float(text)
        except ValueError:
            at = _date(text, name)
    if not 0 <= at <= now + 366 * DAY:  # nan fails both comparisons
        raise ModelctlError(f"`{name}` is no time that anything could have been counted at: {text[:60]}")
    return at


def _date(text: str, name: str) -> float:
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        hint = "2026-11-27T12:00:00Z, seconds since 1970, or how long ago: 24h, 7d"
        raise ModelctlError(f"`{name}` is no time: {text[:60]}", hint=hint) from error
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def _step(text: str, span: float) -> int:
    match = _AGO.fullmatch(text)
    seconds = _WORDS.get(text) or (float(match[1]) * _UNITS[match[2]] if match else _number(text))
    if seconds is None or not seconds >= MINUTE or seconds % MINUTE or seconds > 366 * DAY:
        raise ModelctlError(
            f"`step` is no number of whole minutes: {text[:60]}", hint="minute, hour, day, or such as 5m, 6h, 3600"
        )
    if span / seconds > MOST_STEPS:
        raise ModelctlError(
            f"{span / seconds:,.0f} steps are too many, {MOST_STEPS} is the most",
            hint="a wider step, or a shorter range",
        )
    return int(seconds)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


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
