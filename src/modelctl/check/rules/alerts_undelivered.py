"""Alerts have nowhere to go, or the webhook does not take them.

Three tries are made for each, within about ten seconds; what was lost meanwhile is not sent later. The status says what
stands in the way, without the address.

Before:

    alerts: {webhook: os.environ/ALERTS_URL}     # the variable is not set

After:

    echo ALERTS_URL=https://... >> .env && modelctl restart
"""

from __future__ import annotations

SEVERITY = "warning"
INPUTS: tuple[str, ...] = ()  # what a running control plane says; `check` never does
EMITTED_BY = "modelctl.service.alerts"
