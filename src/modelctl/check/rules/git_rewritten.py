"""The branch that the catalog comes from no longer holds the commit that is live.

Somebody pushed with force. Whether the new history is meant is for a person to say: the commit that is live stays.

Before:

    git push --force origin main    # the commit that is live is no ancestor any more

After:

    modelctl refresh --force        # takes the branch as it is now
"""

from __future__ import annotations

SEVERITY = "warning"
INPUTS: tuple[str, ...] = ()  # what a running control plane says; `check` never does
EMITTED_BY = "modelctl.control_plane.git_follow"
