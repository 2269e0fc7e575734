"""How long until a change is on every worker: edits of the catalog, and selections."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import Any

from bench.measure import Result, Setting, percentile, spread
from bench.scene import Scene, pause, shared
from modelctl.litellm_spec import supported_lines
from support import lines

EDIT = "edit (file saved) -> applied on every worker, 1,000 models, p99"
SELECT = "select -> applied on every worker, two workers, p99"
STRETCH = "longest synchronous stretch of the hook at 1,000 models, p99"
LOOP = "time on a worker's loop that a change takes at 1,000 models, median"
BY_REQUEST = "against one request through LiteLLM (its p99), in turns"
RUST = "1.110"  # the line whose own validation of an entry blocks the loop
Change = Callable[[], tuple[float, list[dict[str, Any]]]]


@dataclass(frozen=True)
class Series:
    """Milliseconds, one of each kind to a turn, so that a busy moment meets all."""

    took: list[float]
    stored: list[float]
    request: list[float]
    machine: dict[str, float]

    def details(self, scene: Scene) -> dict[str, Any]:
        each = {"ms": spread(self.took), "of_it_until_stored": spread(self.stored), "request_ms": spread(self.request)}
        return {**each, "sustained_per_s": round(scene.sustained, 1)}


def edits(setting: Setting) -> Iterator[Result]:
    """A busy machine is slow to answer a request too: there the idle case counts by the second of its two figures."""
    scene = shared(setting)
    targets = {"idle": 80.0, "paced": 150.0, "saturated": 150.0}
    trial = {"idle": "58", "paced": "181", "saturated": "129"}
    for case, target in targets.items():
        series = _applied(scene, case, setting.count(200, 20), scene.edit)
        count, details, value = len(series.took), series.details(scene), percentile(series.took, 0.99)
        beside = f"trial from commit: {trial[case]}"
        yield Result(EDIT, case, value, "ms", count, target, beside=beside, machine=series.machine, details=details)
        if case == "idle":
            ratio = value / percentile(series.request, 0.99)
            yield Result(EDIT, f"{case}, {BY_REQUEST}", ratio, "x", count, 8.0, machine=series.machine)


def selections(setting: Setting) -> Iterator[Result]:
    scene = shared(setting)
    idle = _applied(scene, "idle", setting.count(200, 20), _selects(scene))
    ratio = percentile(idle.took, 0.99) / percentile(idle.request, 0.99)
    details, case = idle.details(scene), f"idle, {BY_REQUEST}"
    yield Result(SELECT, case, ratio, "x", len(idle.took), 0.75, machine=idle.machine, details=details)
    paced = _applied(scene, "paced", setting.count(200, 20), _selects(scene))
    value, count, details = percentile(paced.took, 0.99), len(paced.took), paced.details(scene)
    beside = "trial: 33 to 118"
    yield Result(SELECT, "paced", value, "ms", count, 50.0, beside=beside, machine=paced.machine, details=details)


def stretches(setting: Setting) -> Iterator[Result]:
    scene = shared(setting)
    rust = _is_rust()
    cases = (("1 change", 5.0, False, "trial: 6 median, 31 max"), ("100 changes", 8.0, True, "trial: 497 with GC"))
    for case, target, hundred, beside in cases:
        count = setting.count(150, 15)
        with scene.under("idle") as machine:
            series = _series(partial(scene.edit, hundred=hundred), count)
            events = [event for _, reports in series for event in reports]
        wall = [event["longest_ms"] for event in events]
        cpu = [event["longest_cpu_ms"] for event in events]
        details = {"wall_ms": spread(wall), "cpu_ms": spread(cpu)}
        value, target = percentile(wall, 0.99), 50.0 if rust else target
        yield Result(STRETCH, case, value, "ms", len(wall), target, beside=beside, machine=machine, details=details)


def loop_time(setting: Setting) -> Iterator[Result]:
    scene = shared(setting)
    edit_hundred = partial(scene.edit, hundred=True)
    for case, target, change in (
        ("alias", 5.0, _selects(scene)),
        ("1 model", 20.0, scene.edit),
        ("100 models", 1000.0, edit_hundred),
    ):
        with scene.under("idle") as machine:
            _paused(change)
            events = [event for _, reports in _series(change, setting.count(50, 8)) for event in reports]
        wall = [event["loop_ms"] for event in events]
        details = {"wall_ms": spread(wall), "cpu_ms": spread([event["loop_cpu_ms"] for event in events])}
        yield Result(LOOP, case, median(wall), "ms", len(wall), target, machine=machine, details=details)


def _is_rust() -> bool:
    return supported_lines.line_of(lines.litellm_release()) == RUST


def _selects(scene: Scene) -> Change:
    targets = iter(range(1, 1_000_000))
    return lambda: scene.select(f"m-{next(targets) % 1000}")


def _applied(scene: Scene, case: str, count: int, change: Change) -> Series:
    took, stored, request = [], [], []
    with scene.under(case) as machine:
        _paused(change)
        for _ in range(count):
            request.append(scene.client_ms(1))
            began, events = _paused(change)
            took.append((max(event["at"] for event in events) - began) * 1000)
            stored.append((scene.stored_at() - began) * 1000)
    return Series(took, stored, request, machine)


def _series(change: Change, count: int) -> Iterator[tuple[float, list[dict[str, Any]]]]:
    for _ in range(count):
        yield _paused(change)


def _paused(change: Change) -> tuple[float, list[dict[str, Any]]]:
    pause()
    return change()
