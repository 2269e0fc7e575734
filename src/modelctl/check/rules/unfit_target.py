"""A route's default target would be refused if somebody selected it.

It does not meet the route's own `requires` or `choices`, or is retired.

Before:

    active: {target: tiny, requires: {context_window: 100000}}

After:

    active: {target: gpt-6-luna, requires: {context_window: 100000}}
"""

from __future__ import annotations

SEVERITY = "warning"
INPUTS = ("catalog",)
EMITTED_BY = "modelctl.check.route_names"
