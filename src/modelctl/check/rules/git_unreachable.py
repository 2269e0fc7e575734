"""The branch that the catalog comes from cannot be fetched.

Traffic is not affected: the last commit that was fetched stays live, and a restart serves it too. The control plane
goes on asking; `/readyz` fails once `--stale-after` has passed.

Before:

    modelctl serve --git https://git.example.org/models.git    # the server does not answer

After:

    git fetch https://git.example.org/models.git main          # what git says by itself
"""

from __future__ import annotations

SEVERITY = "warning"
INPUTS: tuple[str, ...] = ()  # what a running control plane says; `check` never does
EMITTED_BY = "modelctl.control_plane.git_follow"
