"""A budget of the catalog is nearly used up today, or is.

Told at 80 % and at 100 %. A budget counts from midnight to midnight UTC; what it counts stands in `modelctl usage`.
With `then` the routes concerned point to another model until midnight.

Before:

    gpt-6-sol: {budget: {per_day: 20}}

After:

    gpt-6-sol: {budget: {per_day: 40, then: gpt-6-luna}}
"""

from __future__ import annotations

SEVERITY = "warning"
INPUTS: tuple[str, ...] = ()  # what a running control plane says; `check` never does
EMITTED_BY = "modelctl.service.budgets"
