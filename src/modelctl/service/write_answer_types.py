"""The JSON values that answer a write: a selection, a publish, an edit of a file, and the conflict of two of them."""

from __future__ import annotations

from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict  # pydantic takes that of `typing` only from Python 3.12 on

from modelctl.service.answer_types import BlockAnswer, ModelAnswer, ProblemAnswer

PublishResult = Literal["published", "unchanged", "refused", "held"]


class Ack(TypedDict):
    id: str
    acked: bool
    error: str | None


class Selected(TypedDict):
    """`problems` are what `force` overrode; `workers` is empty when none runs. `already`: nothing was written."""

    model_id: str
    provider: str | None
    model_info: ModelAnswer | None
    route: str
    target: str
    previous: str
    version: int
    until: float | None
    split: dict[str, float] | None
    problems: list[ProblemAnswer]
    workers: list[Ack]
    members: NotRequired[list[str]]
    dry_run: NotRequired[bool]
    already: NotRequired[bool]


class Turned(TypedDict):
    """A route whose requests go elsewhere."""

    route: str
    before: str
    after: str


class Blocked(TypedDict):
    """What a block or its end did: `routes` that turned, and the `silent` ones that no model is left for."""

    block: BlockAnswer
    version: int
    routes: list[Turned]
    silent: list[str]
    workers: list[Ack]
    dry_run: NotRequired[bool]
    already: NotRequired[bool]


class PublishAnswer(TypedDict):
    """What became of a written change, and what the workers did within two seconds."""

    result: PublishResult
    revision: str | None
    version: int | None
    workers: list[Ack]


class Refreshed(TypedDict):
    result: PublishResult
    revision: str | None
    version: int
    problems: list[ProblemAnswer]
    workers: list[Ack]


class ConflictAnswer(TypedDict):
    """Both texts of a file that two wanted to write; `digest` is that of `theirs`, for If-Match.

    In `theirs` a key that is written out is redacted; `reason` says so then.
    """

    file: str
    yours: str | None
    theirs: str | None
    digest: str | None
    reason: str | None


class ConflictError(TypedDict):
    code: str
    message: str
    hint: NotRequired[str | None]
    problems: list[dict[str, Any]]
    conflict: NotRequired[ConflictAnswer | None]


class Conflicted(TypedDict):
    src: str
    error: ConflictError
