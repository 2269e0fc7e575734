"""Two providers give one variable different defaults.

A process has one environment: which of the two would count depends on order.

Before:

    # providers/one.yaml
    env_defaults: {BASE_URL: "http://one:8000"}
    # providers/two.yaml
    env_defaults: {BASE_URL: "http://two:8000"}

After:

    # providers/one.yaml
    env_defaults: {ONE_BASE_URL: "http://one:8000"}
    # providers/two.yaml
    env_defaults: {TWO_BASE_URL: "http://two:8000"}
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from modelctl.check.found import Found, Spot
from modelctl.check.subject import Subject

if TYPE_CHECKING:
    from modelctl.catalog.compiled_provider import CompiledProvider

SEVERITY = "error"
INPUTS = ("catalog",)


def whole(subject: Subject) -> Iterator[Found]:
    first: dict[str, CompiledProvider] = {}
    for part in subject.catalog.names.parts if subject.catalog and not subject.catalog.is_empty else ():
        for variable, value in part.env_defaults.items():
            other = first.setdefault(variable, part)
            if other.env_defaults[variable] != value:
                text = f"`{variable}` has another default in provider `{other.provider.id}`"
                yield Found(text, Spot(part.header, ("env_defaults", variable)))
