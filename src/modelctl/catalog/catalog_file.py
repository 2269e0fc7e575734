"""A file of a catalog with its content, and the validation that all kinds of files share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ValidationError

from modelctl.catalog import validation_errors
from modelctl.catalog.parse import Document
from modelctl.catalog.pieces import Piece, Pieces
from modelctl.errors import Problem


@dataclass(frozen=True, eq=False)
class CatalogFile:
    """One file and what it says.

    Of a file with errors, `entry` holds what is right (or None), and `names` are the public names that
    it seems to offer; None when not even that can be told.
    """

    document: Document
    entry: Any
    problems: tuple[Problem, ...] = ()
    names: frozenset[str] | None = frozenset()
    pieces: Mapping[str, Piece] = field(default_factory=dict)  # by key, for a valid file that was read entry by entry

    @property
    def top(self) -> Document:
        """What stands outside the entries: the same object until that changes."""
        return self.document.frame if self.pieces and isinstance(self.document, Pieces) else self.document

    @property
    def documents(self) -> tuple[Document, ...]:
        """All of it, in parts that stay the same where nothing changed."""
        return (self.top, *self.pieces.values())


Validate = Callable[[Document], CatalogFile]


def validated(document: Document, model: type[BaseModel], data: object) -> tuple[Any, list[Problem]]:
    """The entry, and every problem. With problems, the entry is what remains without the wrong keys."""
    if not isinstance(data, dict):
        return None, [document.problem("bad-value", "a mapping is expected here", value=True)]
    try:
        return model.model_validate(data), []
    except ValidationError as error:
        problems = validation_errors.explain(error, document, model)
        try:
            return model.model_validate(_without(data, error)), problems
        except ValidationError:
            return None, problems


def _without(data: dict[str, Any], error: ValidationError) -> dict[str, Any]:
    """`data` without its wrong keys; of a provider's models only the wrong ones go."""
    wrong = [one["loc"] for one in error.errors(include_url=False, include_context=False, include_input=False)]
    models = {loc[1] for loc in wrong if loc[0] == "models" and len(loc) > 1}
    keys = {loc[0] for loc in wrong if not (loc[0] == "models" and len(loc) > 1)}
    kept = {key: value for key, value in data.items() if key not in keys}
    if models and "models" in kept:
        kept["models"] = {key: value for key, value in kept["models"].items() if key not in models}
    return kept


def without_anchors(document: Document) -> Any:
    """The data without the top-level `x-*` keys, which only hold anchors; an empty file is `{}`."""
    data = {} if document.data is None else document.data
    if isinstance(data, dict) and any(key.startswith("x-") for key in data):
        return {key: value for key, value in data.items() if not key.startswith("x-")}
    return data
