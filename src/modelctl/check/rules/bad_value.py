"""A value is not what its key takes.

In a catalog every key has a type (text, number, true or false, list, mapping, date), and YAML is strict about it: `"5"`
is text, `1e-07` is text too. In a config file this is a value that cannot be read at all, such as a date that does not
exist.

Before:

    models:
      gpt-6-luna: {context_window: many}

After:

    models:
      gpt-6-luna: {context_window: 400000}
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from modelctl.check.found import Found, Spot
from modelctl.check.rules import number_as_text
from modelctl.check.subject import Subject
from modelctl.litellm_spec import lookup

if TYPE_CHECKING:
    from modelctl.catalog.compiled_provider import CatalogModel

SEVERITY = "error"
fix = number_as_text.fix  # `1e-07` where a number is meant
EMITTED_BY = (
    "modelctl.catalog.catalog_file",
    "modelctl.catalog.construct",
    "modelctl.catalog.env_overlay",
    "modelctl.catalog.load_tops",
    "modelctl.catalog.validation_errors",
)
_MAPPINGS = ("litellm_settings", "router_settings", "general_settings", "environment_variables")


def models(subject: Subject) -> Iterator[Found]:
    for model in subject.models:
        if not model.key.strip():
            yield Found("a model's key must not be empty", Spot(model.document, tuple(model.path)))
        yield from _served(model) if model.written.serves else ()


def _served(model: CatalogModel) -> Iterator[Found]:
    """LiteLLM looks fallbacks up by the name that was asked for: under one that nobody can ask for they are in vain."""
    for name in model.written.serves or ():
        if not lookup.may_serve(model.public_name, name):
            text = f"`{model.public_name}` does not serve `{name}`"
            hint = "the fallbacks of a model stand on it; `serves` is for names that a wildcard (`*`) takes"
            yield Found(text, Spot(model.document, (*model.path, "serves", name)), hint)


def whole(subject: Subject) -> Iterator[Found]:
    for section in _MAPPINGS if subject.catalog else ():
        value = subject.catalog.proxy.get(section) if subject.catalog else None
        if subject.catalog and value is not None and not isinstance(value, dict):
            spot = Spot(subject.catalog.proxy_document, (section,), value=True)
            yield Found(f"`{section}` takes a mapping", spot)
