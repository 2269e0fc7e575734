"""A publish would remove more than 30 % of the models.

It looks like an accident (a folder that was not mounted, a file that was emptied), so it waits for a person.
`modelctl apply --force` publishes it.

Before:

    modelctl apply

After:

    modelctl apply --force
"""

from __future__ import annotations

SEVERITY = "error"
INPUTS: tuple[str, ...] = ()  # what a running control plane says; `check` never does
EMITTED_BY = "modelctl.plan.guards"
