"""10,000 mixed requests through two workers: whether what they counted is what the upstream saw."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import yaml

from bench.measure import Result, Setting, clock
from modelctl.state.desired import DesiredState
from modelctl.state.router_config import resolve_routes
from modelctl.store import open_store
from modelctl.store.usage_store import UsageStore
from support import usage_tally
from support.models import base_world, variables
from support.proxy import Workers
from support.upstream import Upstream

WHAT = "figures that differ from an independent tally (requests, attempts, tokens, cost, failures)"
AT_ONCE = 16


def exact(setting: Setting) -> Iterator[Result]:
    folder, scale = setting.folder / "tally", setting.count(30, 3)
    upstream = Upstream(folder)
    desired = usage_tally.published(base_world(), usage_tally.BEHAVIOUR, usage_tally.ROUTES)
    workers = Workers(
        folder / "proxy", folder / "state", _config(folder, desired), env=variables(upstream.url, upstream.url)
    )
    for name, behaviour in usage_tally.BEHAVIOUR.items():
        upstream.behave(name, **behaviour)
    kept = UsageStore(folder / "state")
    try:
        workers.start()
        work = usage_tally.work(scale)
        with clock() as took:
            usage_tally.through_all(workers.clients, work, AT_ONCE)
        found = usage_tally.counted(kept, scale, 60)
        seen = Counter(each["model"] for each in upstream.requests())
    finally:
        kept.close()
        workers.stop()
        upstream.stop()
    wrong = usage_tally.differences(found, seen, scale)
    usd = sum(row["cost"] or 0 for row in found.values())
    beside = f"{len(work):,} requests, {sum(seen.values()):,} calls, {usd:.4f} USD in {took():.0f} s"
    case = f"{len(work):,} mixed requests, 2 workers"
    yield Result(WHAT, case, len(wrong), "figures", len(work), 0, beside=beside, details={"wrong": wrong})


def _config(folder: Path, desired: DesiredState) -> Path:
    store = open_store(str(folder / "state"))
    store.commit(0, desired=desired)
    store.close()
    file = folder / "litellm_config.yaml"
    file.write_text(yaml.safe_dump(resolve_routes(desired, {}).config()))
    return file
