"""A worker on another host has stopped reporting, and did not say goodbye.

It crashed, is cut off from the store, or hangs. One that is cut off serves on with what it had, so that an edit or a
switch does not reach it. A worker that ends in peace says so, and is not named; neither is one of the control plane's
own host, whose process can be seen.

Before:

    worker `node-b:1:7f3a` on node-b has not reported since 2026-11-28T14:32:05Z: it is gone, or goes on with ...

After:

    it reports again, or ten minutes have passed
"""

from __future__ import annotations

SEVERITY = "warning"
INPUTS: tuple[str, ...] = ()  # what a running control plane says; `check` never does
EMITTED_BY = "modelctl.service.worker_answers"
