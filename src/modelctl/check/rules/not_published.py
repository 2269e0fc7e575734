"""What is on disk is not what the workers run.

The last edit has errors, or was held back by a guard; traffic goes on with what was published before. `/status` and
`modelctl status` say what stands in the way.

Before:

    modelctl status    # not published: 1 error

After:

    modelctl check     # names the line; the edit that mends it is published by itself
"""

from __future__ import annotations

SEVERITY = "error"
INPUTS: tuple[str, ...] = ()  # what a running control plane says; `check` never does
EMITTED_BY = "modelctl.service.publishing"
