"""What a worker writes to LiteLLM's log of each change: applied, refused, or not followed, and why."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable

from modelctl.hook.hook_state import Standing
from modelctl.hook.log import log
from modelctl.hook.worker_report import WorkerReport

_STANDING: dict[str, str] = {
    Standing.RUNNING: "cannot see whether %s has changed, still running what was read last",
    Standing.BOOTED_ON_PROVEN: "started on the last revision of %s that was taken",
    Standing.LOST: "LiteLLM lost a part of %s, which cannot be put back",
    Standing.FAILED: "cannot follow %s at the moment, trying again",
    Standing.UNSUPPORTED: "not following %s",
}
_REFUSED = "refused %s, still running the last good one"


def _left_out(report: WorkerReport) -> str:
    return f"; left out, as LiteLLM has dropped it: {', '.join(report.left_out)}" if report.left_out else ""


class LogReporter:
    """One line per applied or refused change."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._last: WorkerReport | None = None

    def say(self, report: WorkerReport) -> None:
        last, self._last = self._last, report
        restart = f"; restart needed for {', '.join(report.restart_needed)}" if report.restart_needed else ""
        if report.error is not None and last is not None and report.error == last.error:
            return  # a selection over a revision that stays refused
        if report.error is not None:
            log.error("%s: %s", _STANDING.get(report.state, _REFUSED).replace("%s", self._what), report.error)
            return
        rest = f"{_left_out(report)}{restart}"
        level = logging.WARNING if report.left_out else logging.INFO
        if last is None:
            count, names = report.deployments, len(report.targets)
            log.log(level, "running %s: %d deployments, %d aliases%s", self._what, count, names, rest)
        else:
            count, took = report.deployments, report.took_ms or 0
            log.log(level, "applied %s in %.1f ms: %d deployments%s", self._what, took, count, rest)


class FileReporter:
    """In file mode: once what this worker follows, then one line per applied or refused edit."""

    def __init__(self, path: str, note: Callable[[], str]) -> None:
        self._path, self._note = path, note
        self._first = True

    def say(self, report: WorkerReport) -> None:
        counts = f"{report.deployments} deployments, {len(report.targets)} aliases{self._rest(report)}"
        if report.state == Standing.UNSUPPORTED:
            text = f"not following {self._path}, an edit of it needs a restart: {report.error}"
        elif report.state == Standing.FAILED:
            text = f"cannot follow {self._path} at the moment, trying again: {report.error}"
        elif self._first:
            trouble = f"; {report.error}" if report.error else ""
            text = f"following {self._path}: edits go live without a restart; {counts}{trouble}"
        elif report.error is not None:
            text = f"refused the edit of {self._path}, still running the last good state: {report.error}"
        else:
            text = f"applied the edit of {self._path} in {report.took_ms or 0:.1f} ms: {counts}"
        self._first = False
        log.log(logging.ERROR if report.error else logging.INFO, "%s (worker %d)", text, os.getpid())

    def _rest(self, report: WorkerReport) -> str:
        unset = f"; not set in the environment: {', '.join(report.unset)}" if report.unset else ""
        restart = f"; restart needed for {', '.join(report.restart_needed)}" if report.restart_needed else ""
        return f"{_left_out(report)}{unset}{restart}{self._note()}"
