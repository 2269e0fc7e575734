"""What `/models/custom` takes and answers."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field, model_validator

from modelctl.api import answer_shapes
from modelctl.api.answer_shapes import Ack, ModelAnswer, ProblemAnswer
from modelctl.api.request_bodies import MOST, RequestBody

MOST_TEXT = 48 * 1024


class ModelFields(RequestBody):
    """Fields as in a model's file, or its YAML text; one of the two."""

    model: dict[str, Any] | None = Field(None, description="the keys of a model's file; see /models/custom/schema")
    text: str | None = Field(None, max_length=MOST_TEXT, description="the file's YAML, instead of `model`")
    force: bool = Field(False, description="also what a guard holds (protected models, the last model)")
    actor: str | None = Field(None, max_length=MOST)

    @model_validator(mode="after")
    def _one_of_two(self) -> ModelFields:
        if (self.model is None) == (self.text is None):
            raise ValueError("send `model` or `text`")
        return self


class NewModel(ModelFields):
    """`id` becomes the file's name; `new_provider` are the keys of a provider's file, where there is none yet."""

    provider: str = Field(max_length=MOST)
    id: str = Field(max_length=MOST)
    new_provider: dict[str, Any] | None = None


class CustomFile(BaseModel):
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


class DraftProblem(ProblemAnswer):
    """`field` is a key of the model's file, `new_provider.<key>`, or `provider` or `id` of the draft."""

    field: str | None = None


class _About(BaseModel):
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
    model_info: ModelAnswer | None


class CheckedDraft(_About):
    """What saving would do. `text` and `diff` are null where they would repeat a secret, or there is none."""

    ok: bool
    exists: bool


class Saved(_About):
    """StrictModel, and what became of it. `result` other than `published` has its reason in `problems`."""

    result: Literal["published", "unchanged", "refused", "held"]
    revision: str | None
    version: int | None
    workers: list[Ack]


class Removed(BaseModel):
    files: list[str]
    diff: str
    commands: list[str]
    problems: list[ProblemAnswer]
    result: Literal["published", "unchanged", "refused", "held"]
    revision: str | None
    version: int | None
    workers: list[Ack]


class TriedTokens(BaseModel):
    input: int | None
    output: int | None


class Tried(BaseModel):
    """`ms` is the request alone; `where` says from where it was made."""

    ok: bool
    ms: float | None
    error: str | None
    text: str | None
    tokens: TriedTokens | None
    where: str


class Schemas(BaseModel):
    model: dict[str, Any]
    provider: dict[str, Any]


CONFLICT = {
    "model": answer_shapes.Conflicted,
    "description": "somebody else wrote it meanwhile; `error.conflict` has both texts",
}
WRITES: dict[int | str, dict[str, Any]] = {
    409: CONFLICT,
    412: CONFLICT,
    428: {"description": "If-Match is missing"},
    507: {"description": "disk full"},
}
