"""Python's garbage collector, out of the way for a moment."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

RARELY = 100  # rounds of the middle generation between two full ones; Python's own is 10


def set_aside() -> None:
    """What a start has made is there to stay: no later collection looks through it again.

    LiteLLM holds over a million objects when it is ready; a full round through them stops a worker for 0.4 s each time.
    """
    gc.collect()  # what is garbage by now would otherwise be kept for good
    gc.freeze()
    # Python looks through everything once a quarter has been added; of the little that is left now, that is often.
    young, middle, full = gc.get_threshold()
    gc.set_threshold(young, middle, max(full, RARELY))


def keep_aside() -> None:
    """As `set_aside`, without the round before it: for a process that has made next to no garbage yet."""
    gc.freeze()


@contextmanager
def collector_paused() -> Iterator[None]:
    """For a burst of objects that stay: collecting among them finds nothing, and a full round takes long.

    In a LiteLLM worker that is 0.4 s, whatever the number of models.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
