"""Tells people by a webhook what guards and budgets did, and what needs them; each thing once, over restarts too."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import astuple
from datetime import UTC, datetime
from pathlib import Path

from modelctl.errors import Problem
from modelctl.service.service import Service
from modelctl.service.snapshot import Snapshot
from modelctl.service.webhook import Webhook
from modelctl.service.worker_answers import refusals
from modelctl.state import alerting
from modelctl.state.alerting import Alert, AlertsLook, AlertsTold
from modelctl.state.terms import ABOUT
from modelctl.system.replace_file import PRIVATE, replace_file
from modelctl.text.redact import mask

LOOKED_BACK = 200  # lines of history between two looks
NOTED = "alerts"


class Alerts:
    """One for a control plane. `url` counts where the catalog names no address; what it names is in `environ`."""

    def __init__(
        self, service: Service, webhook: Webhook, file: Path, project: str, *, url: str | None,
        environ: Mapping[str, str], clock: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        self._service, self._webhook, self._file = service, webhook, file
        self._project, self._url, self._environ, self._clock = project, url, environ, clock
        self._told: AlertsTold | None = None

    def turn(self) -> None:
        """Raises StoreDown while the state cannot be read."""
        state = self._service.snapshot()
        url, about, missing = self._where(state)
        if url is None:
            self._told = None
            self._service.noted[NOTED] = (missing,) if missing else ()
            self._service.alerts = AlertsLook(about, missing.message, 0) if missing else None
            return
        before = self._told or self._read() or AlertsTold(state.head.version)
        self._told, found = self._news(state, before)
        for alert in found:
            if alert.about in about:
                self._webhook.send(url, mask(alerting.message(alert, self._project), self._environ).replace(url, "***"))
        if self._told != before:
            self._write(self._told)
        self._service.noted[NOTED] = tuple(self._trouble())
        self._service.alerts = AlertsLook(about, self._webhook.trouble, self._webhook.lost)

    def _where(self, state: Snapshot) -> tuple[str | None, tuple[str, ...], Problem | None]:
        """The address, what is told there, and why there is none where there should be one."""
        stated = state.desired.alerting if state.desired else None
        if stated is None:
            return self._url, ABOUT, None
        url = self._environ.get(stated.webhook)
        text = f"alerts go nowhere: {stated.webhook} is not set for the control plane"
        return url or None, stated.about, None if url else _undelivered(text)

    def _news(self, state: Snapshot, before: AlertsTold) -> tuple[AlertsTold, list[Alert]]:
        version = state.head.version
        noted = [(who, problem) for who, each in list(self._service.noted.items()) for problem in each]
        today = datetime.fromtimestamp(self._clock(), UTC).date()
        standing = alerting.standing(state.desired, noted, refusals(state), today)
        history = self._service.history(None, LOOKED_BACK) if version != before.version else []
        return alerting.news(before, version, history, standing)

    def _trouble(self) -> list[Problem]:
        why, lost = self._webhook.trouble, self._webhook.lost
        if why is None and not lost:
            return []
        return [_undelivered(f"the webhook for alerts takes nothing: {why or 'too many wait'}; {lost} were lost")]

    # -- what has been told, kept over a restart ---------------------------------------------------

    def _read(self) -> AlertsTold | None:
        with suppress(OSError, ValueError, TypeError, KeyError):
            data = json.loads(self._file.read_text())
            return AlertsTold(int(data["version"]), frozenset(Alert(*map(str, each)) for each in data["standing"]))
        return None

    def _write(self, told: AlertsTold) -> None:
        """A disk that is full costs a repetition after the next start."""
        with suppress(OSError):
            standing = [astuple(each) for each in sorted(told.standing)]
            text = json.dumps({"version": told.version, "standing": standing})
            replace_file(self._file, text, mode=PRIVATE, durable=False)


def _undelivered(text: str) -> Problem:
    return Problem(
        "alerts-undelivered", text, severity="warning", hint="see `alerts` in proxy.yaml, MODELCTL_ALERTS_URL"
    )
