"""Whether workers run what was published, in words: for the terminal, the status and the page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from modelctl.errors import Problem
from modelctl.service.snapshot import Snapshot
from modelctl.state.selection import Worker
from modelctl.text.times import iso


def refusals(state: Snapshot) -> list[Problem]:
    """One problem for each different reason why workers do not run what is published."""
    reasons: dict[str, list[Worker]] = {}
    for worker in state.workers:
        if worker.error:
            reasons.setdefault(worker.error, []).append(worker)
    return [Problem("worker-refuses", _refusal(state, reason, those)) for reason, those in reasons.items()]


def silences(state: Snapshot) -> list[Problem]:
    """Workers on other hosts that stopped reporting; the texts stay as they are while the silence lasts."""
    return [
        Problem(
            "worker-silent",
            f"worker `{worker.id}` on {worker.host} has not reported since {iso(worker.at)}: it is gone, or goes on "
            f"with {f'revision {worker.revision}' if worker.revision else 'its config file'}",
            severity="warning",
            hint="look at its log, and whether it reaches the store; it is named for ten minutes",
        )
        for worker in state.silent
    ]


def _refusal(state: Snapshot, reason: str, those: list[Worker]) -> str:
    behind = any(worker.revision != state.head.revision for worker in those)
    what = f"refuse revision {state.head.revision} and go on with what they had" if behind else "are not well"
    return f"{len(those)} of {_count(state)} {what}: {reason}"


def _count(state: Snapshot) -> str:
    return f"{len(state.workers)} worker{'' if len(state.workers) == 1 else 's'}"


@dataclass
class WorkerAnswers:
    """Reports once that a revision is live, that workers refuse it, and that they no longer do."""

    _live: str | None = None  # the last revision that was reported live
    _told: frozenset[str] = field(default_factory=frozenset)  # the problem that was reported last

    def news(self, state: Snapshot) -> Iterator[str]:
        if state.head.revision is None or not state.workers:
            return
        amiss = [problem.message for problem in refusals(state)]
        new, self._told = [text for text in amiss if text not in self._told], frozenset(amiss)
        yield from new
        if amiss or self._live == state.head.revision or state.lacking:
            return
        self._live = state.head.revision
        yield f"revision {self._live} is live on {len(state.workers)} of {_count(state)}"
