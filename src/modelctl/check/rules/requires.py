"""A model lacks what a route requires.

`requires` on the route names abilities, least sizes and highest prices; a fact that is not known satisfies nothing.
`--force` selects the model all the same and is recorded.

Before:

    modelctl use tiny        # lacks tools, which `active` requires

After:

    modelctl use gpt-6-luna
"""

from __future__ import annotations

SEVERITY = "error"
INPUTS: tuple[str, ...] = ()  # what a running control plane says; `check` never does
EMITTED_BY = "modelctl.state.routes"
