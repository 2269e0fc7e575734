"""The Redis that is the store keeps nothing on its disk, so a restart empties it.

The control plane then puts back what was published and selected, from its own disk. Workers serve on meanwhile.

Before:

    CONFIG SET appendonly no
    CONFIG SET save ""

After:

    CONFIG SET appendonly yes
"""

from __future__ import annotations

SEVERITY = "warning"
INPUTS: tuple[str, ...] = ()  # what a running control plane says; `check` never does
EMITTED_BY = "modelctl.store.redis_checks"
