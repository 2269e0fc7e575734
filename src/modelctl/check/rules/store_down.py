"""The store of the control plane cannot be read or written.

Traffic is not affected: workers go on with what they have. Nothing can be switched until it is back.

Before:

    modelctl use gpt-5    # the store does not answer

After:

    df -h .modelctl       # a full disk is the usual cause
"""

from __future__ import annotations

SEVERITY = "error"
INPUTS: tuple[str, ...] = ()  # what a running control plane says; `check` never does
EMITTED_BY = ("modelctl.api.control_endpoint", "modelctl.control_plane.background", "modelctl.service.catalog_editor")
