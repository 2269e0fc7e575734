"""Two control planes work on one state folder, each with a catalog of its own.

What one publishes the other replaces with its next edit. Both say so, in their terminal, in `/status` and on the page.

Before:

    modelctl serve --catalog a    # and beside it, with the same state folder
    modelctl serve --catalog b

After:

    modelctl serve --catalog a
    modelctl serve --catalog b --state .modelctl-b
"""

from __future__ import annotations

SEVERITY = "error"
INPUTS: tuple[str, ...] = ()  # what a running control plane says; `check` never does
EMITTED_BY = "modelctl.control_plane.neighbours"
