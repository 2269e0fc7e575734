"""What counting costs: the hook's part of a request, a month that is asked for, and room in the state folder."""

from __future__ import annotations

import asyncio
import io
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import yaml

from bench.book import Book
from bench.measure import Result, Setting, clock, percentile, spread, worked
from bench.scene import CONNECTIONS
from modelctl.pipeline import build
from modelctl.service.usage_query import usage_answer
from modelctl.service.usage_question import UsageQuestion, read_question
from modelctl.state.router_config import resolve_routes
from modelctl.store import open_store
from modelctl.store.usage_store import DAY, HOUR, MINUTE, Row, UsageStore
from modelctl.usage.figures import Figures, Series
from support import in_worker
from support.load_generator import Generator, Plan
from support.models import variables
from support.proxy import MASTER_KEY, Workers
from support.upstream import Upstream

PART = "the hook's part of a request, p99 of all callbacks together"
QUERY = "a query over 30 days of 100 models, counted by the minute"
SIZE = "the usage of a model in an hour, as it is kept"
MODELS = 100
WATCH = """
import time
from collections import defaultdict
from modelctl.hook.counting import Counting
spent = Counting.bench_spent = defaultdict(lambda: [0.0, 0.0])
def call_of(data):
    return data.get("litellm_call_id") if isinstance(data, dict) else None
def watch(name, at):
    real = getattr(Counting, name)
    async def watched(self, *given, **named):
        data = given[at] if len(given) > at else named.get(("data", "kwargs")[at == 0])
        wall, cpu = time.perf_counter(), time.thread_time()
        try:
            return await real(self, *given, **named)
        finally:
            one = spent[call_of(data)]
            one[0] += time.perf_counter() - wall
            one[1] += time.thread_time() - cpu
    setattr(Counting, name, watched)
watch("async_pre_call_hook", 2)
watch("async_post_call_response_headers_hook", 0)
watch("async_log_success_event", 0)
"""
SPENT = """
from modelctl.hook.counting import Counting
return [spent for call, spent in Counting.bench_spent.items() if call]
"""


def part_of_a_request(setting: Setting) -> Iterator[Result]:
    """Wall and CPU time that a worker's loop spends in our callbacks, those after the answer too."""
    folder = setting.folder / "part"
    upstream = Upstream(folder)
    workers = _hooked(folder, upstream)
    try:
        workers.start()
        worker = workers.workers[0]
        asyncio.run(_ask(worker.url, 50))  # what a first request pays once
        in_worker.inside(worker, WATCH)
        asyncio.run(_ask(worker.url, setting.count(5000, 500)))
        spent = in_worker.inside(worker, SPENT)
    finally:
        workers.stop()
        upstream.stop()
    wall, cpu = ([each[at] * 1000 for each in spent] for at in (0, 1))
    for case, found in (("CPU time", cpu), ("on the clock", wall)):
        yield Result(PART, case, percentile(found, 0.99), "ms", len(found), 1.0, details={"ms": spread(found)})


def _hooked(folder: Path, upstream: Upstream) -> Workers:
    desired = build(Book(folder, 100, "os.environ/UPSTREAM_BASE").catalog).desired
    assert desired is not None
    file = folder / "litellm_config.yaml"
    file.write_text(yaml.safe_dump(resolve_routes(desired, {}).config()))
    store = open_store(str(folder / "state"))
    store.commit(0, desired=desired)
    store.close()
    env = {**variables(upstream.url, upstream.url), **in_worker.environment(folder)}
    return Workers(folder / "proxy", folder / "state", file, count=1, env=env)


async def _ask(url: str, count: int) -> None:
    answers = io.StringIO()
    plan = Plan([url], MASTER_KEY, connections=CONNECTIONS, limit=count, stream_every=2)
    await Generator(plan, answers).run()
    lines = answers.getvalue().splitlines()
    assert len(lines) == count, len(lines)
    assert all('"status": 200' in line for line in lines), lines[0]


def query(setting: Setting) -> Iterator[Result]:
    """Of a store as two workers leave it, minutes kept for a week (a day in a quick run), hours and days."""
    now = 1_800_000_000.0 + 12 * HOUR + 34 * MINUTE
    store = UsageStore(setting.folder / "query")
    _fill(store, now, {MINUTE: setting.count(7, 1), HOUR: 30, DAY: 31})
    cases = {
        "by model": read_question("model", "30d", None, None, now=now),
        "from and to at odd minutes": read_question(
            "model", str(now - 29 * DAY - 777), str(now - HOUR - 777), None, now=now
        ),
        "by model and day": read_question("model", "30d", None, "day", now=now),
    }
    for case, question in cases.items():
        used, took = _asked(store, question, now)
        details = {"cpu_ms": spread(used), "wall_ms": spread(took)}
        beside = f"CPU time; {percentile(took, 0.5):.0f} ms on the clock"
        target = None if question.step else 100.0  # a row for each model and day: 3,100
        yield Result(QUERY, case, percentile(used, 0.5), "ms", len(used), target, beside=beside, details=details)
    store.close()


def _asked(store: UsageStore, question: UsageQuestion, now: float) -> tuple[list[float], list[float]]:
    """Milliseconds of CPU and of the clock, nine times."""
    used, took = [], []
    for _ in range(9):
        with clock() as seconds:
            used.append(worked(lambda: usage_answer(store, question, now)) * 1000)
        took.append(seconds() * 1000)
    return used, took


def size(setting: Setting) -> Iterator[Result]:
    """An hour with 300 calls, 100 of them streams, whose times scatter as those of models do."""
    for grain, case in ((HOUR, "in a row of an hour"), (MINUTE, "in a row of a minute, 5 calls")):
        folder = setting.folder / f"size-{grain}"
        store, count = UsageStore(folder), 50
        rows = [row for at in range(count) for row in _rows(grain, at * grain, 300 if grain == HOUR else 5)]
        store.write("w1", rows)
        store.close()
        used = sum(path.stat().st_size for path in folder.glob("usage.db")) / (MODELS * count) / 1024
        target = 1.0 if grain == HOUR else None
        yield Result(SIZE, case, used, "KB", MODELS * count, target)


def _fill(store: UsageStore, now: float, days: dict[int, int]) -> None:
    for grain, length in days.items():
        few = _rows(grain, 0, {MINUTE: 5, HOUR: 300, DAY: 3000}[grain])
        ats = range(int(now - length * DAY) // grain * grain, int(now), grain)
        for start in range(0, len(ats), 60):
            rows = [Row(grain, at, row.series, row.figures) for at in ats[start : start + 60] for row in few]
            for worker in ("w1", "w2"):
                store.write(worker, rows)


def _rows(grain: int, at: int, calls: int) -> Sequence[Row]:
    drawn = random.Random(at)
    return [Row(grain, at, Series("active", f"m-{each}", f"id-{each}", "openai"), _figures(calls, drawn))
            for each in range(MODELS)]  # fmt: skip


def _figures(calls: int, drawn: random.Random) -> Figures:
    found = Figures()
    for number in range(calls):
        seconds = drawn.lognormvariate(0.5, 0.7)
        found.add("requests")
        found.add("attempts")
        found.add("prompt_tokens", drawn.randrange(10, 4000))
        found.add("completion_tokens", drawn.randrange(10, 900))
        found.add("cost", drawn.random() / 100)
        found.took("request", seconds + 0.01)
        found.took("attempt", seconds)
        if number % 3 == 0:
            found.add("streams")
            found.took("first_token", drawn.lognormvariate(-1.0, 0.5))
    return found
