"""A key is set by modelctl itself.

`litellm_params.model` comes from `model:` or `litellm_model:`; `model_info.id` and `db_model` are modelctl's, since
stable ids are what a hot reload compares.

Before:

    models:
      mini: {params: {model: openai/gpt-6-luna}}

After:

    models:
      mini: {litellm_model: openai/gpt-6-luna}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from modelctl.check.found import Found, Spot
from modelctl.check.subject import Subject

if TYPE_CHECKING:
    from modelctl.catalog.schema import EndpointSpec

SEVERITY = "error"
INPUTS = ("catalog",)
_RESERVED: dict[str, dict[str, str | None]] = {
    "params": {"model": "write `model:` or `litellm_model:`"},
    "info": {"id": None, "db_model": None},
}


def models(subject: Subject) -> Iterator[Found]:
    for model in subject.models:
        written = model.written
        if written.params or written.info:
            yield from _in(written, Spot(model.document, tuple(model.path)))
        for index, spec in enumerate(written.deployments or ()):
            yield from _in(spec, Spot(model.document, (*model.path, "deployments", index)))


def whole(subject: Subject) -> Iterator[Found]:
    for part in subject.parts:
        if part.provider and (header := part.provider.files.header).entry:
            yield from _in(header.entry, Spot(header.top))


def _in(written: EndpointSpec, spot: Spot) -> Iterator[Found]:
    """What goes to LiteLLM as it is, and would be misunderstood there without a word."""
    for section, reserved in _RESERVED.items():
        values: Mapping[str, Any] = getattr(written, section) or {}
        for key in reserved.keys() & values.keys():
            yield Found(f"`{section}.{key}` is set by modelctl", spot.inside(section, key), reserved[key])
