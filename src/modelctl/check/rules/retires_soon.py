"""What was just selected is retired by its provider within 30 days.

The selection holds; the warning names the day and the successor, where the catalog knows one.

Before:

    modelctl use gpt-5-mini     # retires on 2026-12-11

After:

    modelctl use gpt-6-luna
"""

from __future__ import annotations

SEVERITY = "warning"
INPUTS: tuple[str, ...] = ()  # what a running control plane says; `check` never does
EMITTED_BY = "modelctl.state.routes"
