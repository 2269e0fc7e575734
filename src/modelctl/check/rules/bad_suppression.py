"""A suppression names no rule or no reason.

Whoever reads it later must know what was accepted, and why; until then it suppresses nothing.

Before:

    drop_params: true # modelctl: ignore[drop-params]

After:

    drop_params: true # modelctl: ignore[drop-params] old clients send parameters that Bedrock refuses
"""

from __future__ import annotations

SEVERITY = "warning"
EMITTED_BY = "modelctl.check.suppress"
