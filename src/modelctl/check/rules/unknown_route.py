"""A preset is for a route that does not exist.

Before:

    # presets.yaml
    careful: {route: actve, model: gpt-5}

After:

    # presets.yaml
    careful: {route: active, model: gpt-5}
"""

from __future__ import annotations

SEVERITY = "warning"
INPUTS = ("catalog",)
EMITTED_BY = "modelctl.check.route_names"
