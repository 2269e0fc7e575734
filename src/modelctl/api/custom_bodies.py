"""What `/models/custom` takes, and how the OpenAPI documents the failures of a write to the catalog."""

from __future__ import annotations

from typing import Any

from pydantic import Field, model_validator

from modelctl.api.request_bodies import MOST, RequestBody
from modelctl.service.write_answer_types import Conflicted

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


CONFLICT = {
    "model": Conflicted,
    "description": "somebody else wrote it meanwhile; `error.conflict` has both texts",
}
WRITES: dict[int | str, dict[str, Any]] = {
    409: CONFLICT,
    412: CONFLICT,
    428: {"description": "If-Match is missing"},
    507: {"description": "disk full"},
}
