"""What the hook costs each request: CPU time with it and without, in turns on one machine."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterator
from statistics import median, quantiles

import yaml

from bench.measure import Result, Setting, cpu_seconds, spread
from bench.scene import CONNECTIONS, Book
from modelctl.pipeline import build
from modelctl.state.router_config import resolve_routes
from modelctl.store import open_store
from support.load_generator import Generator, Plan
from support.models import variables
from support.proxy import MASTER_KEY, Worker, Workers
from support.upstream import Upstream

WHAT = "CPU time per request of LiteLLM with the hook / without, paired"
BLOCK = 100  # requests: short enough that a busy moment meets both sides of a pair


def cpu_per_request(setting: Setting) -> Iterator[Result]:
    folder = setting.folder / "cost"
    upstream = Upstream(folder)
    hooked, bare = _proxies(setting, upstream)
    try:
        hooked.start()
        bare.start()
        pairs = [_pair(hooked.workers[0], bare.workers[0], turn) for turn in range(setting.count(120, 24) + 4)][4:]
    finally:
        hooked.stop()
        bare.stop()
        upstream.stop()
    ratios = [with_hook / without for with_hook, without in pairs]
    low, _, high = quantiles(ratios, n=4)
    details = {"with_ms": spread([each[0] for each in pairs]), "without_ms": spread([each[1] for each in pairs])}
    beside = f"half of the pairs lie between {low:.3f} and {high:.3f}"
    yield Result(WHAT, "", median(ratios), "x", len(pairs), 1.02, beside=beside, details=details)


def _proxies(setting: Setting, upstream: Upstream) -> tuple[Workers, Workers]:
    """The same hundred models in the same worker program; one follows a store, the other a file without hook."""
    folder = setting.folder / "cost"
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


def _pair(hooked: Worker, bare: Worker, turn: int) -> tuple[float, float]:
    """Milliseconds of CPU per request: (with, without); who begins changes from turn to turn."""
    if turn % 2:
        without = _block(bare)
        return _block(hooked), without
    return _block(hooked), _block(bare)


def _block(worker: Worker) -> float:
    before = cpu_seconds(worker.pid)
    answers = io.StringIO()
    plan = Plan([worker.url], MASTER_KEY, connections=CONNECTIONS, limit=BLOCK)
    asyncio.run(Generator(plan, answers).run())
    used = cpu_seconds(worker.pid) - before
    lines = answers.getvalue().splitlines()
    assert len(lines) == BLOCK, len(lines)
    assert all('"status": 200' in line for line in lines), lines[0]
    return used * 1000 / BLOCK
