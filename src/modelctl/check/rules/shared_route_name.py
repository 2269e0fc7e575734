"""Two routes share a name, or one route has it twice.

A name belongs to one route, `also:` included.

Before:

    active: {target: gpt-5, also: [default]}
    default: {target: gpt-6-luna}

After:

    active: {target: gpt-5}
    default: {target: gpt-6-luna}
"""

from __future__ import annotations

SEVERITY = "error"
INPUTS = ("catalog",)
EMITTED_BY = "modelctl.check.route_names"
