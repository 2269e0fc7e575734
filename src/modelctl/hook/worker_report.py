"""Where a worker stands after a change, as it tells the store and the log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from modelctl.hook.hook_state import Standing, State

if TYPE_CHECKING:  # LiteLLM: whoever only reads or writes the store does without
    from modelctl.hook.apply import Applier


@dataclass(frozen=True, slots=True)
class WorkerReport:
    """Where the worker stands after a change. `left_out` are the deployments that LiteLLM refuses."""

    version: int
    revision: str | None
    error: str | None
    targets: dict[str, str]
    unset: tuple[str, ...]
    restart_needed: tuple[str, ...]
    deployments: int = 0
    took_ms: float | None = None
    state: str = Standing.RUNNING
    left_out: tuple[str, ...] = ()


def report_of(
    state: State,
    applier: Applier | None,
    took_ms: float,
    failure: str | None = None,
    *,
    standing: Standing | None = None,
) -> WorkerReport:
    """`failure` and `standing`: of the hook itself, where it could not do what was decided."""
    where = standing or state.standing
    error = failure or state.error
    if applier is None:
        return WorkerReport(state.version, None, error, {}, (), (), state=where)
    unset = frozenset[str]().union(*applier.router.unset.values()) if applier.router.unset else frozenset[str]()
    targets = {
        name: str(value.get("model") if isinstance(value, Mapping) else value)
        for name, value in applier.live.aliases.items()
    }
    return WorkerReport(
        version=state.version,
        revision=state.good.name if state.good is not None else None,
        error=error,
        targets=targets,
        unset=tuple(sorted(unset)),
        restart_needed=tuple(applier.settings.restart_needed(applier.live.deployments.values())),
        deployments=len(applier.owned),
        took_ms=round(took_ms, 2),
        state=where,
        left_out=tuple(str(each) for each in state.absent),
    )


class Reporter(Protocol):
    def say(self, report: WorkerReport) -> None: ...
