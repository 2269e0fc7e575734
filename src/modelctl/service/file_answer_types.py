"""The JSON values about catalog files that are written through the API: models and presets."""

from __future__ import annotations

from typing import Any

from typing_extensions import TypedDict

from modelctl.service.answer_types import ModelAnswer, ProblemAnswer
from modelctl.service.write_answer_types import PublishAnswer, Selected


class DraftProblem(ProblemAnswer):
    """`field` is a key of the model's file, `new_provider.<key>`, or `provider` or `id` of the draft."""

    field: str | None


class WrittenFiles(TypedDict):
    """A change of files: its diff and the git commands that commit it."""

    files: list[str]
    diff: str
    commands: list[str]
    problems: list[ProblemAnswer]


class CustomFile(TypedDict):
    """A file of one model. `digest` goes into If-Match; `reason` says why it is not `editable` here.

    `text` and `model` are null then: it may be a link that leads elsewhere, or hold a key that is written out.
    """

    provider: str
    id: str
    key: str
    public_name: str
    name: str
    file: str
    digest: str
    text: str | None
    model: dict[str, Any] | None
    editable: bool
    reason: str | None
    problems: list[ProblemAnswer]


class ProposalAnswer(TypedDict):
    """What a draft would make of its file."""

    provider: str
    id: str
    file: str
    text: str | None
    digest: str | None
    comments_kept: bool
    files: list[str]
    diff: str | None
    commands: list[str]
    problems: list[DraftProblem]


class CheckedDraft(ProposalAnswer):
    """What saving would do. `text` and `diff` are null where they would repeat a secret, or there is none."""

    model_info: ModelAnswer | None
    ok: bool
    exists: bool


class Saved(ProposalAnswer, PublishAnswer):
    """The saved file, and what became of it. `result` other than `published` has its reason in `problems`."""

    model_info: ModelAnswer | None


class Removed(WrittenFiles, PublishAnswer):
    """The removed file, and what became of the change."""


class TriedTokens(TypedDict):
    input: int | None
    output: int | None


class Tried(TypedDict):
    """`ms` is the request alone; `where` says from where it was made."""

    ok: bool
    ms: float | None
    error: str | None
    text: str | None
    tokens: TriedTokens | None
    where: str


class Schemas(TypedDict):
    model: dict[str, Any]
    provider: dict[str, Any]


class PresetAnswer(TypedDict):
    """`public_name` is null, and `reason` says why, where the model cannot be selected now. `text` is its YAML."""

    name: str
    route: str
    model: str | None
    provider: str | None
    description: str | None
    params: dict[str, Any]
    public_name: str | None
    reason: str | None
    digest: str
    text: str


class PresetWritten(WrittenFiles):
    """`preset` is null when it was removed."""

    preset: PresetAnswer | None


class PresetApplied(Selected):
    """The selection that a preset made, and the `params` that a client may send along."""

    preset: str
    params: dict[str, Any]
