"""A provider has one model twice.

A model is known by provider and key. The second usually comes from a file of its own beside `models:`.

Before:

    # providers/openai.yaml
    models: {gpt-6-luna: {}}
    # providers/openai/mini.yaml
    id: gpt-6-luna

After:

    # providers/openai.yaml
    models: {}
    # providers/openai/mini.yaml
    id: gpt-6-luna
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from modelctl.check.found import Found, Spot
from modelctl.check.subject import Subject

if TYPE_CHECKING:
    from modelctl.catalog.compiled_provider import CatalogModel

SEVERITY = "error"
INPUTS = ("catalog",)


def whole(subject: Subject) -> Iterator[Found]:
    for part in subject.parts:
        yield from part.once(_in_provider)


def _in_provider(part: Subject) -> list[Found]:
    """Kept with the provider."""
    first: dict[str, CatalogModel] = {}
    again = [model for model in part.models if first.setdefault(model.key, model) is not model]
    return [_found(first[model.key], model) for model in again]


def _found(first: CatalogModel, again: CatalogModel) -> Found:
    text = f"`{again.provider}` has a model `{again.key}` already, at {first.place}"
    return Found(text, Spot(again.document, tuple(again.path)))
