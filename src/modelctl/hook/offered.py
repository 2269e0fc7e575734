"""The names that this worker offers now, the public name behind them, and the arm of a split that a request gets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from modelctl.hook.follow import Follower
from modelctl.state import splitting
from modelctl.state.blocking import OutOfTraffic
from modelctl.state.router_config import RouterConfig, arm_alias


class OfferedNames:
    def __init__(self, follower: Follower) -> None:
        self._follower = follower
        self._config: RouterConfig | None = None
        self._groups: frozenset[str] = frozenset()
        self._arms: dict[str, str] = {}  # the alias of an arm -> the name that clients send

    def target(self, name: str) -> str | None:
        """The public name that serves `name`; None where nothing of ours has that name."""
        live = self._live()
        if name in live.blocked:
            return name  # its requests are refused, and counted as its own
        alias = live.aliases.get(name)
        found = str(alias.get("model")) if isinstance(alias, Mapping) else alias
        return found or (name if name in self._groups else None)

    def asked(self, name: str) -> str:
        """What the client sent, where a request was dealt to an arm."""
        self._live()
        return self._arms.get(name, name)

    def deals(self, name: str) -> bool:
        """Whether the requests for `name` are dealt."""
        return name in self._live().splits

    def deal(self, name: str, body: Mapping[str, Any], headers: Mapping[str, str], request: str) -> str | None:
        """The alias of the arm that a request for `name` gets; None where its requests are not dealt."""
        split = self._live().splits.get(name)
        if split is None:
            return None
        whose = splitting.told_apart(split.sticky, body, headers, request)
        return arm_alias(name, splitting.arm(split.arms, splitting.position(split.route, whose)))

    def refused(self, name: str) -> str | None:
        """Why a request for `name` is refused: the model is blocked, or none is left for the route."""
        blocked = self._live().blocked
        if not blocked:
            return None
        return OutOfTraffic(blocked, self._groups).reason(self.asked(name))

    def _live(self) -> RouterConfig:
        applier = self._follower.applier
        live = applier.live if applier else self._follower.booted
        if live is not self._config:
            self._config, self._groups = live, frozenset(deployment.group for deployment in live.deployments.values())
            self._arms = {arm_alias(name, arm): name for name, split in live.splits.items() for arm, _ in split.arms}
        return live
