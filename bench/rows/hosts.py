"""Many hosts: how long until every worker that follows over HTTP has acked a selection."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator

from bench.book import Book
from bench.measure import Result, Setting, cpu_seconds, percentile, spread
from support.fleet_over_http import PlayedFleet, raise_limit
from support.serve_process import ControlPlane

WHAT = "select -> acked by every worker on other hosts (over HTTP), p99"
TOKEN = "a-token-of-the-workers"
PATIENCE_S = 300
SIZES = ((200, 500.0), (2000, None))  # workers, target in ms


def fleets(setting: Setting) -> Iterator[Result]:
    """The workers are played by this process. What bounds the figure is one core: the control plane's.

    At 2,000 their signs of life alone ask for more than that, so that each round takes as long as what has piled up.
    """
    for count, target in SIZES:
        yield _fleet(setting, count, target, rounds=setting.count(100, 20) if target else 3)


def _fleet(setting: Setting, count: int, target: float | None, *, rounds: int) -> Result:
    folder = setting.folder / f"hosts-{count}"
    book = Book(folder, 1000, "https://upstream.example/v1")
    raise_limit(count)
    control = ControlPlane(folder, book.catalog, folder / "state", {"MODELCTL_TOKEN": f"bench:{TOKEN}"})
    control.http.headers["authorization"] = f"Bearer {TOKEN}"
    control.http.timeout = PATIENCE_S
    control.start()
    try:
        with PlayedFleet(control.url, count, TOKEN) as fleet:
            said = [_select(control, fleet, number) for number in range(rounds)]
    finally:
        control.stop()
    took, busy = [each[0] for each in said], statistics.median(each[1] for each in said)
    details = {"ms": spread(took), "control_plane_cpu_ms": round(busy, 1)}
    beside = f"control plane's CPU {busy:.0f} ms"
    return Result(WHAT, f"{count:,}", percentile(took, 0.99), "ms", len(took), target, beside=beside, details=details)


def _select(control: ControlPlane, fleet: PlayedFleet, number: int) -> tuple[float, float]:
    """Milliseconds until the last ack is stored, and the control plane's CPU time meanwhile."""
    before, began = cpu_seconds(control.process.pid), time.monotonic()
    answer = control.select(f"m-{number % 900 + 1}").raise_for_status()
    took = fleet.acked(answer.json()["version"], PATIENCE_S) - began
    return took * 1000, (cpu_seconds(control.process.pid) - before) * 1000
