"""A suppression has nothing to suppress.

What it was for has been mended, or it names another rule than the one that speaks here. A comment on a line of its own
is for the next line, one behind a value for its own.

Before:

    drop_params: false # modelctl: ignore[drop-params] old clients need it

After:

    drop_params: false
"""

from __future__ import annotations

SEVERITY = "warning"
EMITTED_BY = "modelctl.check.suppress"
