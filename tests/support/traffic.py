"""Hours of traffic in `usage.db`, as workers would have counted it, and switches in history."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from modelctl.hook.counted import Attempt, Counted, Request
from modelctl.state.selection import HistoryEntry, Selection
from modelctl.store import open_store
from modelctl.usage.figures import Series
from support.counts import Counts

MINUTE, HOUR, DAY = 60, 3600, 86400


@dataclass(frozen=True)
class Flow:
    """Requests of one series from `since` to `until` (UTC seconds). `took`, `first`: their median, in seconds."""

    series: Series
    a_minute: float
    took: float
    first: float | None = None
    usd: float | None = 0.01
    fails: float = 0.0
    since: float = 0.0
    until: float = math.inf


def flow(route: str, model: str, provider: str, a_minute: float, took: float, **more: float | None) -> Flow:
    return Flow(Series(route, model, f"id-{model}", provider), a_minute, took, **more)  # type: ignore[arg-type]


def counted(flows: Iterable[Flow], start: float, end: float, seed: int = 7) -> Iterator[Counted]:
    """More by day than by night; times spread as they do, most near the median and a few far above."""
    random = Random(seed)
    for each in flows:
        for minute in range(int(max(start, each.since) // MINUTE), int(min(end, each.until) // MINUTE)):
            busy = 1.0 + 0.55 * math.sin((minute % 1440) / 1440 * math.tau - 2.2)
            for _ in range(_whole(each.a_minute * busy * random.uniform(0.7, 1.3), random)):
                yield from _one(each, minute * MINUTE + random.uniform(0, 59), random)


def _whole(number: float, random: Random) -> int:
    return int(number) + (random.random() < number % 1)


def _one(each: Flow, at: float, random: Random) -> Iterator[Counted]:
    took = each.took * random.lognormvariate(0, 0.4)
    failed = random.choice(("timeout", "rate_limit", "upstream")) if random.random() < each.fails else None
    tokens = {"prompt_tokens": random.randint(200, 3000), "completion_tokens": random.randint(50, 800)}
    first = each.first * random.lognormvariate(0, 0.3) if each.first and not failed else None
    usd = each.usd * random.uniform(0.5, 1.5) if each.usd and not failed else None
    yield Attempt(at, each.series, took, failed, {} if failed else tokens, usd, first)
    yield Request(at, each.series, took + 0.02, failed)


def fill(state: Path, flows: Iterable[Flow], start: float, end: float, worker: str = "w1") -> None:
    Counts(state, worker).add(counted(flows, start, end))


def switched(state: Path, *entries: HistoryEntry, **chosen: Selection) -> None:
    """As if it had happened before; `chosen` are the selections that count now, by route."""
    store = open_store(str(state))
    head = store.head()
    selections = {**head.selections, **{route: (each,) for route, each in chosen.items()}}
    store.commit(head.version, selections=selections, entries=entries)
    store.close()
