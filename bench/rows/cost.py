"""What the hook costs requests: CPU time of each and how many get through, with it and without, in turns."""

from __future__ import annotations

import asyncio
import io
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median, quantiles

import yaml

from bench.book import Book
from bench.measure import Result, Setting, cpu_seconds, spread
from bench.scene import CONNECTIONS
from modelctl.pipeline import build
from modelctl.state.router_config import resolve_routes
from modelctl.store import open_store
from support.load_generator import Generator, Plan
from support.models import variables
from support.proxy import MASTER_KEY, Worker, Workers
from support.upstream import Upstream

WHAT = "CPU time per request of LiteLLM with the hook / without, paired"
THROUGHPUT = "requests per second of LiteLLM with the hook / without, paired"
BLOCK = 100  # requests: short enough that a busy moment meets both sides of a pair
Block = tuple[float, float]  # milliseconds of CPU for a request, requests per second


def cpu_per_request(setting: Setting) -> Iterator[Result]:
    upstream = Upstream(setting.folder / "cost")
    try:
        pairs = [
            pair
            for boot in range(setting.count(3, 1))
            for pair in _pairs(setting.folder / "cost" / str(boot), upstream, setting.count(40, 24))
        ]
    finally:
        upstream.stop()
    used = [(hooked_ms, bare_ms) for (hooked_ms, _), (bare_ms, _) in pairs]
    yield _ratio(WHAT, used, "ms", 1.02)
    rates = [(with_rate, bare_rate) for (_, with_rate), (_, bare_rate) in pairs]
    yield replace(_ratio(THROUGHPUT, rates, "per_s", 0.98), sense="at least")


def _pairs(folder: Path, upstream: Upstream, count: int) -> list[tuple[Block, Block]]:
    """Of two fresh processes: two that do the same differ by some per cent, for as long as they live."""
    hooked, bare = _proxies(folder, upstream)
    try:
        hooked.start()
        bare.start()
        return [_pair(hooked.workers[0], bare.workers[0], turn) for turn in range(count + 4)][4:]
    finally:
        hooked.stop()
        bare.stop()


def _ratio(what: str, pairs: Sequence[tuple[float, float]], unit: str, target: float) -> Result:
    ratios = [with_hook / without for with_hook, without in pairs]
    low, _, high = quantiles(ratios, n=4)
    details = {f"with_{unit}": spread([one for one, _ in pairs]), f"without_{unit}": spread([one for _, one in pairs])}
    beside = f"half of the pairs lie between {low:.3f} and {high:.3f}"
    return Result(what, "", median(ratios), "x", len(pairs), target, beside=beside, details=details)


def _proxies(folder: Path, upstream: Upstream) -> tuple[Workers, Workers]:
    """The same hundred models in the same worker program; one follows a store, the other a file without hook."""
    desired = build(Book(folder, 100, "os.environ/UPSTREAM_BASE").catalog).desired
    assert desired is not None
    config = resolve_routes(desired, {}).config()
    config["litellm_settings"] = {
        key: value for key, value in config.get("litellm_settings", {}).items() if key != "callbacks"
    }
    file = folder / "litellm_config.yaml"
    file.write_text(yaml.safe_dump(config))
    store = open_store(str(folder / "state"))
    store.commit(0, desired=desired)
    store.close()
    env = variables(upstream.url, upstream.url)
    bare = {**env, "LITELLM_WORKER_STARTUP_HOOKS": ""}
    return (
        Workers(folder / "with", folder / "state", file, count=1, env=env),
        Workers(folder / "without", folder / "none", file, count=1, env=bare),
    )


def _pair(hooked: Worker, bare: Worker, turn: int) -> tuple[Block, Block]:
    """With the hook and without; who begins changes from turn to turn."""
    if turn % 2:
        without = _block(bare)
        return _block(hooked), without
    return _block(hooked), _block(bare)


def _block(worker: Worker) -> Block:
    before, began = cpu_seconds(worker.pid), time.perf_counter()
    answers = io.StringIO()
    plan = Plan([worker.url], MASTER_KEY, connections=CONNECTIONS, limit=BLOCK)
    asyncio.run(Generator(plan, answers).run())
    took, used = time.perf_counter() - began, cpu_seconds(worker.pid) - before
    lines = answers.getvalue().splitlines()
    assert len(lines) == BLOCK, len(lines)
    assert all('"status": 200' in line for line in lines), lines[0]
    return used * 1000 / BLOCK, BLOCK / took
