"""Takes what workers counted from where they left it into this control plane's own `usage.db`."""

from __future__ import annotations

import time

from modelctl.project import Settings, environment
from modelctl.store import UsageSource, usage_elsewhere
from modelctl.store.usage_store import HOUR, UsageStore, usage_keep


class UsageDrain:
    """Rows that are read twice change nothing: no other control plane has to be asked."""

    def __init__(self, source: UsageSource, kept: UsageStore) -> None:
        self._source, self._kept = source, kept
        self._aged = 0.0

    def turn(self) -> None:
        """Raises StoreDown; the next turn goes on where this one could not."""
        for counted in self._source.read():
            self._kept.write(counted.worker, counted.rows, counted.prices)
        now = time.time()
        if now - self._aged >= HOUR:
            self._aged = now
            self._kept.age(now, usage_keep(environment()))


def drains(settings: Settings, kept: UsageStore) -> tuple[UsageDrain, ...]:
    """None where workers write into `usage.db` themselves."""
    source = usage_elsewhere(settings.store)
    return (UsageDrain(source, kept),) if source is not None else ()
