"""What was asked of the models, how it went and what it cost: queries over the stored figures."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Protocol, cast

from modelctl.service.usage_figures import row_figures
from modelctl.service.usage_question import UsageQuestion
from modelctl.service.usage_types import UsageAnswer, UsageRow
from modelctl.store.usage_store import DAY, GRAINS, MINUTE
from modelctl.usage.figures import Figures
from modelctl.usage.token_prices import Prices, priced


class StoredUsage(Protocol):
    """Where the figures are read: `store.usage_store.UsageStore`."""

    def sums(
        self, grain: int, start: float, end: float, by: Sequence[str] = (), *, step: int | None = None
    ) -> dict[tuple[Any, ...], Figures]: ...

    def oldest(self, grain: int) -> int | None: ...

    def price_maps(self, start: float, end: float) -> list[str]: ...


def usage_answer(kept: StoredUsage, question: UsageQuestion, now: float, prices: Prices | None = None) -> UsageAnswer:
    """`{from, to, step, group_by, rows}`; times as ISO 8601. By time where there are steps, then the busiest first.

    With `prices` (USD per 1M tokens, by public name) each row has a `recost`, and `price_maps` says by which maps
    LiteLLM computed the costs.
    """
    start, found = _sums(kept, question, now)
    rows = [_row(key, figures, question) for key, figures in found.items()]
    answer: UsageAnswer = {
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
        answer["price_maps"] = kept.price_maps(start, question.end)
    rows.sort(key=lambda row: (row.get("at") or "", -row["requests"], -row["attempts"], *map(str, row.values())))
    return answer


def _sums(kept: StoredUsage, question: UsageQuestion, now: float) -> tuple[float, dict[tuple[Any, ...], Figures]]:
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


def _recosted(
    kept: StoredUsage, question: UsageQuestion, now: float, prices: Prices
) -> dict[tuple[Any, ...], float | None]:
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


def pieces(kept: StoredUsage, question: UsageQuestion, now: float) -> Iterator[tuple[int, float, float]]:
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


def _finest(kept: StoredUsage, start: float) -> int:
    """The narrowest rows that still reach back to `start`, or as far as the wider ones do."""
    oldest = {grain: at for grain in GRAINS if (at := kept.oldest(grain)) is not None}
    for grain, at in oldest.items():
        if at <= start or all(at < other + wider for wider, other in oldest.items() if wider > grain):
            return grain
    return MINUTE


def _row(key: tuple[Any, ...], figures: Figures, question: UsageQuestion) -> UsageRow:
    named = list(key)
    names: dict[str, Any] = {"at": _iso(named.pop(0))} if question.step is not None else {}
    names |= dict(zip(question.by, named, strict=False))
    return cast(UsageRow, {**names, **row_figures(figures)})


def _iso(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
