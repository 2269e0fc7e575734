"""A worker does not run what was published, and says why.

Traffic goes on with what the worker ran before. The reason is LiteLLM's own, or names what the worker's LiteLLM lacks.

Before:

    published: revision 1f0c..., refused by 2 of 2 workers: LiteLLM drops `chat` (nonesuch/x): ...

After:

    the edit that mends it is tried by itself; `modelctl status` says who runs what
"""

from __future__ import annotations

SEVERITY = "error"
INPUTS: tuple[str, ...] = ()  # what a running control plane says; `check` never does
EMITTED_BY = "modelctl.service.worker_answers"
