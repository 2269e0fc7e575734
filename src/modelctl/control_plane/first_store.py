"""The store at a start: one that is not there yet is waited for, since services that need each other start together."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from modelctl.errors import StoreUnreachable
from modelctl.store import Store

LONGEST_S = 30.0  # then the start fails, and whoever started it decides
PAUSE_S = 0.5  # between two tries
log = logging.getLogger("modelctl")


def open_when_there(open_: Callable[[], Store], longest_s: float | None = None) -> Store:
    """Raises `StoreDown` at once where the store refuses, and after `longest_s` where nobody answers."""
    longest_s = LONGEST_S if longest_s is None else longest_s
    end, told = time.monotonic() + longest_s, ""
    while True:
        try:
            return open_()
        except StoreUnreachable as error:
            if time.monotonic() >= end:
                raise
            if error.message != told:
                told = error.message
                log.warning("%s; waiting for it, %g s at most", told, longest_s)
            time.sleep(PAUSE_S)
