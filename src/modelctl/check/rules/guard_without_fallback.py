"""A route has a guard, and nothing that the guard could switch to.

`then: fallback` takes the first fallback that is fit: the route's own, or those of its target. At run time the status
says the same of a guard whose target fails while none of them is fit.

Before:

    active: {target: gpt-6-luna, guard: {error_rate: 0.2}}

After:

    active: {target: gpt-6-luna, fallbacks: [claude-haiku-5-5], guard: {error_rate: 0.2}}
"""

from __future__ import annotations

SEVERITY = "error"
INPUTS = ("catalog",)
EMITTED_BY = ("modelctl.check.route_names", "modelctl.service.route_guards")
