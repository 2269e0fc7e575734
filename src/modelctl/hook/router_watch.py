"""What a worker says of its Router's health: which deployments LiteLLM avoids, and what is left of providers' limits.

Asked in the reporter's thread. It costs by what is avoided, not by what there is: LiteLLM keeps cooldowns apart.
"""

from __future__ import annotations

import re
import time
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from modelctl.hook.log import log
from modelctl.hook.payload import LONGEST, LitellmEvent, failure_named, text
from modelctl.hook.router_backend import RouterBackend
from modelctl.state.cooldown import CLEAR, Cooldown, RateLimit, RouterHealth
from modelctl.state.selection import HistoryEntry

if TYPE_CHECKING:  # LiteLLM: a test of what is watched does without
    from modelctl.hook.follow import Follower

MOST_COOLED = 50  # cooldowns in a report
MOST_LIMITS = 20  # limits in a report: those that are nearest to their end
MOST_KNOWN = 500  # deployments whose limits are remembered
MOST_CLEARED = 8  # requests whose outcome is remembered
LIMITS_LAST_S = 600.0
_ERROR = re.compile(r"(?:litellm\.)?([A-Z]\w*(?:Error|Exception|Timeout))\b")  # what LiteLLM's texts begin with


class RouterWatch:
    def __init__(self, follower: Follower) -> None:
        self._follower = follower
        self._limits: OrderedDict[str, RateLimit] = OrderedDict()
        self._cleared: dict[int, int] = {}
        self._failed = False

    def note(self, event: LitellmEvent) -> None:
        """Called with each answer, on the worker's loop."""
        left = event.limits()
        if left:
            kept = self._limits.pop(event.deployment, None)
            self._limits[event.deployment] = RateLimit(event.deployment, event.served, time.time(), **left)
            if kept is None and len(self._limits) > MOST_KNOWN:
                self._limits.popitem(last=False)

    def standing(self) -> frozenset[tuple[str, float]]:
        """What is avoided now; unequal to what it was before where there is news to report."""
        now = time.time()
        return frozenset((id_, at) for id_, kept in self._noted().items() if (at := _until(kept)) > now)

    def health(self) -> RouterHealth:
        now, cooled = time.time(), self._cooldowns()
        limits = [each for each in tuple(self._limits.values()) if each.at > now - LIMITS_LAST_S]
        limits.sort(key=lambda each: each.share)
        return RouterHealth(
            cooldowns=None if cooled is None else tuple(cooled[:MOST_COOLED]),
            more=max(0, len(cooled or ()) - MOST_COOLED),
            limits=tuple(limits[:MOST_LIMITS]),
            cleared=dict(self._cleared),
        )

    def obey(self, entries: Iterable[HistoryEntry]) -> None:
        """End the cooldowns that somebody asked to end; `health` says of how many deployments."""
        for entry in entries:
            if entry.action == CLEAR and entry.after is not None and (ended := self._end(entry.after)) is not None:
                self._cleared[entry.version] = ended
        while len(self._cleared) > MOST_CLEARED:
            del self._cleared[min(self._cleared)]

    # -- inside --------------------------------------------------------------------------------

    def _end(self, model: str) -> int | None:
        """How many cooldowns ended; None where LiteLLM does not tell them."""
        backend, found = self._backend(), self._cooldowns()
        if backend is None or found is None:
            return None
        of_model = [each for each in found if each.model == model]
        for each in of_model:
            backend.end_cooldown(each.deployment)
        return len(of_model)

    def _cooldowns(self) -> list[Cooldown] | None:
        """The last to end first; None where LiteLLM does not tell."""
        now, noted = time.time(), self._noted()
        if self._failed or self._backend() is None:
            return None
        found = [self._cooldown(id_, kept) for id_, kept in noted.items() if _until(kept) > now]
        return sorted(found, key=lambda each: -each.until)

    def _cooldown(self, id_: str, kept: Mapping[str, Any]) -> Cooldown:
        applier = self._follower.applier
        owned = applier.owned.get(id_) if applier else None
        # The text itself stays here: a provider may repeat in it what it was sent.
        name = _named(kept)
        status = _whole(kept.get("status_code"))
        return Cooldown(
            deployment=id_[:LONGEST],
            model=owned.group if owned and owned.group else id_[:LONGEST],
            why=failure_named(name or "", status or 0),
            since=float(kept["timestamp"]),
            until=_until(kept),
            error=name,
            status=status,
        )

    def _noted(self) -> Mapping[str, Mapping[str, Any]]:
        backend = self._backend()
        try:
            found = backend.cooldowns() if backend is not None and not self._failed else {}
            return {id_: kept for id_, kept in found.items() if isinstance(kept, Mapping) and "timestamp" in kept}
        except Exception as error:  # a LiteLLM that keeps them elsewhere: everything else goes on
            self._failed = True
            log.warning("cooldowns are not told by this LiteLLM: %s: %s", type(error).__name__, error)
            return {}

    def _backend(self) -> RouterBackend | None:
        applier = self._follower.applier
        return applier.router.floor if applier else None


def _until(kept: Mapping[str, Any]) -> float:
    return float(kept["timestamp"]) + float(kept.get("cooldown_time") or 0)


def _named(kept: Mapping[str, Any]) -> str | None:
    found = _ERROR.match(text(kept.get("exception_received")))
    return found[1] if found else None


def _whole(value: object) -> int | None:
    return int(value) if isinstance(value, (int, str)) and str(value).isdecimal() else None
