"""A preset is for a route that does not exist.

Before:

    # presets.yaml
    careful: {route: actve, model: gpt-5}

After:

    # presets.yaml
    careful: {route: active, model: gpt-5}
"""

from __future__ import annotations

from collections.abc import Iterator

from modelctl.check.found import Found
from modelctl.check.subject import Subject

SEVERITY = "warning"
INPUTS = ("catalog",)


def whole(subject: Subject) -> Iterator[Found]:
    if subject.catalog:
        for name, preset in subject.catalog.presets.items():
            if preset.route not in subject.catalog.names.routes:
                text = f"the preset `{name}` is for route `{preset.route}`, which routes.yaml does not have"
                yield Found(text, subject.catalog.preset_spot(name, "route"))
