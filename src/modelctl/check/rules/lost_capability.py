"""A route's fallback lacks what the route requires.

`requires` guards what may be selected; a fallback is not selected but tried, so requests that need tools, images or a
long context fail there at the worst moment.

Before:

    active:
      target: gpt-6-luna
      fallbacks: [text-only]
      requires: {tools: true}

After:

    active:
      target: gpt-6-luna
      fallbacks: [claude-haiku-4-5]
      requires: {tools: true}
"""

from __future__ import annotations

SEVERITY = "warning"
INPUTS = ("catalog",)
EMITTED_BY = "modelctl.check.route_names"
