"""Keeps a worker from a crash of Python before 3.12 in its own collector (python/cpython#148891).

There a round of the collector may begin in the middle of a change of a context variable, wherever an object is made.
What it frees may run code that changes a variable of the same context, and the values that are being copied are freed
under the copy. LiteLLM sets such variables around each look into a cache, and resets them in coroutines that are freed.
Python 3.12 begins a round between two instructions only.
"""

from __future__ import annotations

import gc
import sys
from collections import deque
from collections.abc import Mapping
from contextvars import Context, copy_context

ROUNDS = 8  # the change is over long before so many rounds have begun: it makes a handful of objects
_kept: deque[Context] = deque(maxlen=ROUNDS)


def guard_contexts() -> None:
    """From now on, in this process; where Python needs it. To call it again changes nothing."""
    if sys.version_info < (3, 12) and _keep not in gc.callbacks:
        gc.callbacks.append(_keep)


def _keep(phase: str, _: Mapping[str, int]) -> None:
    """A copy shares the values until one of both is changed, so they outlive the change. It costs 2 us a round."""
    if phase == "start":
        _kept.append(copy_context())
