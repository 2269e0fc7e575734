"""A model is not among those that may be selected on a route.

`choices` on the route lists them, or the tags that they have. `--force` selects it all the same and is recorded.

Before:

    active: {target: gpt-6-luna, choices: [gpt-6-luna]}

After:

    active: {target: gpt-6-luna, choices: [gpt-6-luna, claude-haiku-4-5]}
"""

from __future__ import annotations

SEVERITY = "error"
INPUTS: tuple[str, ...] = ()  # what a running control plane says; `check` never does
EMITTED_BY = "modelctl.state.routes"
