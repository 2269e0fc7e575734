"""What a control plane does by itself: guards, proofs and budgets move routes, and alerts report it."""

from __future__ import annotations

import asyncio
import logging
from typing import Protocol

from modelctl.control_plane.usage_drain import drains
from modelctl.errors import ModelctlError
from modelctl.project import Settings, environment
from modelctl.service import Service
from modelctl.service.alerts import Alerts
from modelctl.service.budgets import Budgets
from modelctl.service.route_guards import Guards
from modelctl.service.route_proofs import Proofs
from modelctl.service.webhook import Webhook
from modelctl.store.usage_store import UsageStore

EVERY_S = 0.2
log = logging.getLogger("modelctl")


class ActingPart(Protocol):
    def turn(self) -> None:
        """Look, and act on what is there. May raise ModelctlError: the next turn tries again."""


class Acting:
    def __init__(self, service: Service, settings: Settings, usage: UsageStore) -> None:
        self._webhook = service.delivery = Webhook()
        file = settings.state / "alerts.json"
        self._parts: tuple[ActingPart, ...] = (
            *drains(settings, usage),
            Guards(service, usage),
            Proofs(service, usage),
            Budgets(service, usage),
            Alerts(service, self._webhook, file, settings.root.name, url=settings.alerts_url, environ=environment()),
        )

    async def run(self) -> None:
        """Runs until cancelled. Without readable figures no route is moved."""
        while True:
            for part in self._parts:
                try:
                    await asyncio.to_thread(part.turn)
                except ModelctlError:
                    pass  # the store or the figures cannot be read: `/status` says so, and the next turn tries again
                except Exception:
                    log.exception("a bug in modelctl: %s failed", type(part).__name__)
            await asyncio.sleep(EVERY_S)

    def close(self) -> None:
        self._webhook.close()
