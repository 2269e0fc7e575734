"""Numbers: what a row says, and how many samples become one figure."""

from __future__ import annotations

import math
import os
import resource
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal


@dataclass(frozen=True)
class Result:
    """One line of the table. `what` and `target` are the design's; `unit` is x, ms, s, MB or a word.

    `target` None: measured for comparison. `machine` holds the run's own loop gap and plain request
    time, where the figure depends on them.
    """

    what: str
    case: str
    value: float
    unit: str
    samples: int
    target: float | None = None
    sense: Literal["at most", "at least"] = "at most"
    beside: str = ""
    machine: dict[str, float] = field(default_factory=dict)
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def ratio(self) -> float | None:
        """Measured against target: 1 or less meets it."""
        if self.target is None:
            return None
        if self.target == 0 or self.value == 0:
            return float(self.value)
        return self.value / self.target if self.sense == "at most" else self.target / self.value

    @property
    def met(self) -> bool | None:
        if self.target is None:
            return None
        return self.value <= self.target if self.sense == "at most" else self.value >= self.target


@dataclass(frozen=True)
class Setting:
    """How the run was asked for. `folder` is temporary."""

    quick: bool
    folder: Path

    def count(self, full: int, quick: int) -> int:
        return quick if self.quick else full


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that `share` of all do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def spread(values: Sequence[float]) -> dict[str, float]:
    return {
        "min": round(min(values), 3),
        "median": round(statistics.median(values), 3),
        "p99": round(percentile(values, 0.99), 3),
        "max": round(max(values), 3),
    }


@contextmanager
def clock() -> Iterator[Callable[[], float]]:
    """Seconds since the block began, or that it took."""
    began = time.perf_counter()
    ended: list[float] = []
    yield lambda: (ended[0] if ended else time.perf_counter()) - began
    ended.append(time.perf_counter())


def timed(work: Callable[[], Any]) -> float:
    """Seconds that `work` takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def worked(work: Callable[[], Any]) -> float:
    """CPU seconds of this process that `work` takes: a busy machine adds next to nothing to it."""
    began = time.process_time()
    work()
    return time.process_time() - began


def run_cpu(command: Sequence[str]) -> float:
    """CPU seconds of a whole process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def cpu_seconds(pid: int) -> float:
    """CPU time of another process with all its threads, to the nanosecond (Linux's clock of a process)."""
    return time.clock_gettime((~pid << 3) | 2)


def memory_mb(pid: int, field_name: str = "VmRSS") -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(field_name + ":"):
            return int(line.split()[1]) / 1024
    raise LookupError(field_name)


def machine_line() -> str:
    load = " ".join(f"{value:.1f}" for value in os.getloadavg())
    return f"{os.cpu_count()} cores, load average {load}"
