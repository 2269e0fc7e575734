"""The Redis that is the store throws keys away when it is full.

A cache may do that; what was selected, and the history, must not go. Where it has happened all the same, the control
plane puts back what it has on its own disk.

Before:

    CONFIG SET maxmemory-policy allkeys-lru

After:

    CONFIG SET maxmemory-policy noeviction    # or a Redis of its own: modelctl serve --store redis://other
"""

from __future__ import annotations

SEVERITY = "warning"
INPUTS: tuple[str, ...] = ()  # what a running control plane says; `check` never does
EMITTED_BY = "modelctl.store.redis_checks"
