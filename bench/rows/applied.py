"""How long until a change is on every worker: edits of the catalog, and selections."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from statistics import median
from typing import Any

from bench.measure import Result, Setting, percentile, spread
from bench.scene import Scene, pause, shared

EDIT = "edit (file saved) -> applied on every worker, 1,000 models, p99"
SELECT = "select -> applied on every worker, two workers, p99"
STRETCH = "longest synchronous stretch of the hook at 1,000 models, p99"
LOOP = "time on a worker's loop that a change takes at 1,000 models, median"
Change = Callable[[], tuple[float, list[dict[str, Any]]]]


def edits(setting: Setting) -> Iterator[Result]:
    scene = shared(setting)
    trial = {"idle": "58", "paced": "181", "saturated": "129"}
    for case in ("idle", "paced", "saturated"):
        yield _applied(
            scene, EDIT, case, 150.0, setting.count(200, 20), scene.edit, f"trial from commit: {trial[case]}"
        )


def selections(setting: Setting) -> Iterator[Result]:
    scene = shared(setting)
    targets = iter(range(1, 1_000_000))

    def select() -> tuple[float, list[dict[str, Any]]]:
        return scene.select(f"m-{next(targets) % 1000}")

    for case, target, beside in (("idle", 30.0, "trial: 22"), ("paced", 50.0, "trial: 33 to 118")):
        yield _applied(scene, SELECT, case, target, setting.count(200, 20), select, beside)


def stretches(setting: Setting) -> Iterator[Result]:
    scene = shared(setting)
    cases = (("1 change", 10.0, False, "trial: 6 median, 31 max"), ("100 changes", 20.0, True, "trial: 497 with GC"))
    for case, target, hundred, beside in cases:
        count = setting.count(150, 15)
        with scene.under("idle") as machine:
            series = _series(partial(scene.edit, hundred=hundred), count)
            events = [event for _, reports in series for event in reports]
        wall = [event["longest_ms"] for event in events]
        cpu = [event["longest_cpu_ms"] for event in events]
        details = {"wall_ms": spread(wall), "cpu_ms": spread(cpu)}
        value = percentile(wall, 0.99)
        yield Result(STRETCH, case, value, "ms", len(wall), target, beside=beside, machine=machine, details=details)


def loop_time(setting: Setting) -> Iterator[Result]:
    scene = shared(setting)
    targets = iter(range(1, 1_000_000))

    def alias() -> tuple[float, list[dict[str, Any]]]:
        return scene.select(f"m-{next(targets) % 1000}")

    edit_hundred = partial(scene.edit, hundred=True)
    for case, target, change in (
        ("alias", 5.0, alias),
        ("1 model", 20.0, scene.edit),
        ("100 models", 1000.0, edit_hundred),
    ):
        with scene.under("idle") as machine:
            _paused(change)
            events = [event for _, reports in _series(change, setting.count(50, 8)) for event in reports]
        wall = [event["loop_ms"] for event in events]
        details = {"wall_ms": spread(wall), "cpu_ms": spread([event["loop_cpu_ms"] for event in events])}
        yield Result(LOOP, case, median(wall), "ms", len(wall), target, machine=machine, details=details)


def _applied(scene: Scene, what: str, case: str, target: float, count: int, change: Change, beside: str) -> Result:
    with scene.under(case) as machine:
        _paused(change)
        took, stored = [], []
        for began, events in _series(change, count):
            took.append((max(event["at"] for event in events) - began) * 1000)
            stored.append((scene.stored_at() - began) * 1000)
    details = {"ms": spread(took), "of_it_until_stored": spread(stored), "sustained_per_s": round(scene.sustained, 1)}
    value = percentile(took, 0.99)
    return Result(what, case, value, "ms", count, target, beside=beside, machine=machine, details=details)


def _series(change: Change, count: int) -> Iterator[tuple[float, list[dict[str, Any]]]]:
    for _ in range(count):
        yield _paused(change)


def _paused(change: Change) -> tuple[float, list[dict[str, Any]]]:
    pause()
    return change()
