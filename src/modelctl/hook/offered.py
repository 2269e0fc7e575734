"""Which names this worker offers now, and which public name serves them."""

from __future__ import annotations

from collections.abc import Mapping

from modelctl.hook.follow import Follower
from modelctl.state.desired import RouterConfig


class OfferedNames:
    def __init__(self, follower: Follower) -> None:
        self._follower = follower
        self._of: RouterConfig | None = None
        self._groups: frozenset[str] = frozenset()

    def target(self, name: str) -> str | None:
        """The public name that serves `name`; None where nothing of ours has that name."""
        applier = self._follower.applier
        live = applier.live if applier else self._follower.booted
        if live is not self._of:
            self._of, self._groups = live, frozenset(each.group for each in live.deployments.values())
        alias = live.aliases.get(name)
        found = str(alias.get("model")) if isinstance(alias, Mapping) else alias
        return found or (name if name in self._groups else None)
