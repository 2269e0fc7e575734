"""Inside a LiteLLM worker: when the hook was done, how long it held the loop, how late the loop runs.

Named before our own start-up hook in `LITELLM_WORKER_STARTUP_HOOKS`. One JSON line per event goes to
`$BENCH_EVENTS/<pid>.jsonl`:

    {"kind": "applied", "at": epoch s, "version": n, "error": text or null, "longest_ms": , "longest_cpu_ms": ,
     "loop_ms": , "loop_cpu_ms": }    the longest stretch and all of them since the last report
    {"kind": "gaps", "at": epoch s, "late_ms": [...]}    how late a 5 ms timer came, each time
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from pathlib import Path
from typing import Any

EVERY = 0.005  # seconds
IDLE = 0.001  # seconds: a turn that finds nothing to do takes a few microseconds
_file = -1
_longest = [0.0, 0.0]  # wall, cpu: the longest stretch since the last report
_whole = [0.0, 0.0]  # wall, cpu: of all stretches that had work since the last report
_late: list[float] = []
_said = [False]  # whether the turn that runs has made a report


def startup() -> None:
    global _file
    path = Path(os.environ["BENCH_EVENTS"]) / f"{os.getpid()}.jsonl"
    _file = os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY)
    _note_stretches()
    _note_reports()
    loop = asyncio.get_running_loop()
    loop.call_later(EVERY, _tick, loop, loop.time() + EVERY)


def _write(event: dict[str, Any]) -> None:
    os.write(_file, (json.dumps(event) + "\n").encode())


def _note_stretches() -> None:
    from modelctl.hook.follow import Follower

    turn = Follower._turn

    def timed_turn(self: Follower) -> bool:
        _said[0] = False
        wall, cpu, worked = time.perf_counter(), time.thread_time(), self._work is not None
        try:
            return turn(self)
        finally:
            took, busy = time.perf_counter() - wall, time.thread_time() - cpu
            if worked or self._work is not None or _said[0] or took > IDLE:
                _whole[:] = _whole[0] + took, _whole[1] + busy
            if took > _longest[0]:
                _longest[:] = took, busy

    Follower._turn = timed_turn  # type: ignore[method-assign]


def _note_reports() -> None:
    """A report is made right after the last call to the Router, on the loop."""
    from modelctl.hook.reporter import StoreReporter
    from modelctl.hook.worker_report import WorkerReport

    say = StoreReporter.say

    def noted(self: StoreReporter, report: WorkerReport) -> None:
        at = time.time()
        _said[0] = True
        say(self, report)
        # The stretch that ends with this report is measured only when it returns.
        asyncio.get_running_loop().call_soon(_report, at, report.version, report.error)

    StoreReporter.say = noted  # type: ignore[method-assign]


def _report(at: float, version: int, error: str | None) -> None:
    wall, cpu = _longest
    loop = {"loop_ms": _whole[0] * 1000, "loop_cpu_ms": _whole[1] * 1000}
    _longest[:], _whole[:] = (0.0, 0.0), (0.0, 0.0)
    longest = {"longest_ms": wall * 1000, "longest_cpu_ms": cpu * 1000}
    _write({"kind": "applied", "at": at, "version": version, "error": error, **longest, **loop})


def _tick(loop: asyncio.AbstractEventLoop, due: float) -> None:
    now = loop.time()
    _late.append(round((now - due) * 1000, 2))
    if len(_late) >= 200:
        _write({"kind": "gaps", "at": time.time(), "late_ms": _late})
        _late.clear()
    loop.call_later(EVERY, _tick, loop, now + EVERY)
