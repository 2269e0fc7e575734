"""Whether catalog, published revision and workers agree: the three-way truth of `/status`. Pure but for the clock."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from modelctl.errors import Problem, errors_in
from modelctl.service.snapshot import Snapshot
from modelctl.service.status_answer_types import Agreement, AgreementState

Verdict = tuple[AgreementState, str | None]


def agreement(state: Snapshot, built: str | None, problems: Sequence[Problem], stale: str | None) -> Verdict:
    """`built`: the last sound build's revision; `problems`: of the catalog as it is; `stale`: see `Origin`."""
    if state.head.revision is None:
        return "unknown", "nothing has been published yet"
    if stale:
        return "unknown", stale
    unpublished = errors_in(problems) or [each for each in problems if each.rule == "not-published"]
    if unpublished or (built and built != state.head.revision):
        reason = unpublished[0].message if unpublished else f"revision {built} is not published"
        return "diverged", f"the catalog is not live: {reason}"
    return _of_workers(state)


def _of_workers(state: Snapshot) -> Verdict:
    if not state.workers:
        return "unknown", "no worker runs"
    refusing = [each for each in state.lacking if each.error]
    if refusing:
        return "diverged", f"{refusing[0].id}: {refusing[0].error}"
    if state.lacking:
        return "pending", f"{len(state.lacking)} of {len(state.workers)} workers have not answered yet"
    waiting = [each for each in state.workers if each.restart_needed]
    return ("pending", f"a restart brings in {waiting[0].restart_needed[0]}") if waiting else ("in-sync", None)


class Since:
    """Adds since when the verdict stands; call it whenever the verdict may have changed."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._last: Agreement | None = None

    def __call__(self, verdict: Verdict) -> Agreement:
        state, reason = verdict
        last = self._last
        since = last["since"] if last and last["state"] == state else self._clock()
        self._last = {"state": state, "since": since, "reason": reason}
        return self._last
