"""`up.json`: a running `up` describes itself in it, for the other commands and its own control plane."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modelctl.errors import Problem
from modelctl.system.file_stamp import Glance, glance
from modelctl.system.replace_file import PRIVATE, replace_file

if TYPE_CHECKING:
    from modelctl.service.status_answer_types import Supervisor

NAME = "up.json"
LOOK = "the worker's log in the state folder says why; then `modelctl restart`"


@dataclass(frozen=True)
class Restarts:
    """How many restarts of the workers have ended since `up` began; why the last one stopped before its end."""

    count: int = 0
    failed: str | None = None


def write(state: Path, note: dict[str, Any], boots: dict[str, Any] | None, restarts: Restarts) -> None:
    text = json.dumps({**note, "boots": boots, "restarts": restarts.count, "restart_failed": restarts.failed})
    replace_file(state / NAME, text, mode=PRIVATE, durable=False)


class Progress:
    """What the `up` that started this process is doing; None where no `up` did.

    `boots` is None while no worker starts. This is called often: the file is read again only when it was replaced.
    """

    def __init__(self, state: Path, parent: int | None) -> None:
        self._path, self._parent = state / NAME, parent
        self._glance: Glance | None = None
        self._progress: Supervisor | None = None
        self._failed: str | None = None

    def __call__(self) -> Supervisor | None:
        if self._parent is None:
            return None
        try:
            now = glance(os.stat(self._path), self._glance)  # noqa: PTH116  (50 times a second while a page is open)
            if now is not self._glance:
                self._progress, self._glance = self._read(), now
        except (OSError, ValueError, AttributeError):
            return None
        return self._progress

    def _read(self) -> Supervisor | None:
        note = json.loads(self._path.read_text())
        if note.get("pid") != self._parent:
            return None
        self._failed = note.get("restart_failed")
        return {"pid": note["pid"], "workers": note.get("workers"), "boots": note.get("boots")}

    def problems(self) -> tuple[Problem, ...]:
        """Why the last restart stopped; none once another one went through."""
        failed = self._failed if self() else None
        return (Problem("restart-failed", failed, severity="warning", hint=LOOK),) if failed else ()
