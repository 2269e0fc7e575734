"""What `GET /status` and `GET /readyz` answer, and what `/health` shares with them. Times are UTC seconds."""

from __future__ import annotations

from typing import Literal

from typing_extensions import TypedDict  # pydantic takes that of `typing` only from Python 3.12 on

from modelctl.service.answer_types import BlockAnswer, ProblemAnswer, RouteAnswer


class WorkerCooldown(TypedDict):
    """LiteLLM sends nothing to the deployment of `model` until then (UTC seconds); `why` is a class as in `/usage`."""

    model: str
    deployment: str
    why: str
    error: str | None
    status: int | None
    until: float


class KeyAnswer(TypedDict):
    """A variable whose key stands in `file`; `since`: when the key that is used was written there (UTC seconds).

    `problem` says why what is in the file now is not used.
    """

    variable: str
    file: str
    since: float | None
    problem: str | None


class WorkerAnswer(TypedDict):
    """`cooldowns` is null where this worker's LiteLLM does not tell."""

    id: str
    pid: int
    host: str
    revision: str | None
    selection: dict[str, str]
    version: int
    acked: bool
    error: str | None
    age_s: float
    unset: list[str]
    restart_needed: list[str]
    left_out: list[str]
    state: str | None
    litellm: str | None
    litellm_remark: str | None
    took_ms: float | None
    usage_remark: str | None
    started: float
    keys: list[KeyAnswer]
    cooldowns: list[WorkerCooldown] | None


class Render(TypedDict):
    current: bool | None


class Boots(TypedDict):
    """Worker `worker` of `of`: its new process boots, or its old one drains, since `since` (UTC seconds).

    `restart`: `modelctl restart` asked for it.
    """

    worker: int
    of: int
    does: Literal["boots", "drains"]
    restart: bool
    since: float


class Supervisor(TypedDict):
    """The `up` that runs this control plane and the workers: when it ends, so do they."""

    pid: int
    workers: int | None
    boots: Boots | None


class BudgetAnswer(TypedDict):
    """What is used of the budget today (UTC), in its unit; `unknown` calls have no known cost."""

    kind: Literal["model", "route"]
    name: str
    per_day: float
    unit: Literal["USD", "tokens"]
    used: float
    share: float
    unknown: int
    then: str | None


AgreementState = Literal["in-sync", "pending", "diverged", "unknown"]


class Agreement(TypedDict):
    """Whether catalog, published revision and workers agree, since when (UTC seconds), and why not."""

    state: AgreementState
    since: float
    reason: str | None


class CatalogSource(TypedDict):
    """The branch that the catalog comes from; times are UTC seconds, `fetched_at` that of the last answer of `remote`.

    `commit` is what lies in the folder; `waiting` a newer one that is not taken, for the reason that `problems` give.
    """

    remote: str
    branch: str
    commit: str
    author: str
    title: str
    committed_at: float
    fetched_at: float | None
    waiting: str | None
    error: str | None


class GuardAnswer(TypedDict):
    """What a route's guard sees of the target within its window. `p95_s` is null where nothing was called.

    `left` is the target that it left, null where it did not choose. Before `rests_until` (UTC seconds) it is still;
    then it returns to `left` where its `back` is auto. `stuck` says why it would move the route, where nothing is fit.
    """

    route: str
    target: str
    left: str | None
    calls: int
    failed: int
    p95_s: float | None
    rests_until: float | None
    stuck: str | None


class AlertsAnswer(TypedDict):
    """What the webhook is told of; `trouble` says why it takes nothing, `lost` counts alerts since the last it took."""

    about: list[str]
    trouble: str | None
    lost: int


class StatusAnswer(TypedDict):
    """`guards`, `budgets` and `alerts` are as the control plane last looked; `alerts` is null where they go nowhere."""

    modelctl_version: str
    api_version: int
    revision: str | None
    version: int
    problems: list[ProblemAnswer]
    render: Render
    routes: list[RouteAnswer]
    workers: list[WorkerAnswer]
    supervisor: Supervisor | None
    budgets: list[BudgetAnswer]
    blocked: list[BlockAnswer]
    agreement: Agreement
    source: CatalogSource | None
    guards: list[GuardAnswer]
    alerts: AlertsAnswer | None


class LackingWorker(TypedDict):
    id: str
    revision: str | None
    error: str | None


class Ready(TypedDict):
    ready: bool
    revision: str | None
    workers: int
    lacking: list[LackingWorker]
    stale: str | None
