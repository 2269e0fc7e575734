"""`up.json`: a running `up` describes itself in it, for the other commands and its own control plane."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modelctl.system.file_stamp import Glance, glance
from modelctl.system.replace_file import PRIVATE, replace_file

if TYPE_CHECKING:
    from modelctl.service.answer_types import Supervisor

NAME = "up.json"


def write(state: Path, note: dict[str, Any]) -> None:
    replace_file(state / NAME, json.dumps(note), mode=PRIVATE, durable=False)


class Progress:
    """What the `up` that started this process is doing; None where no `up` did.

    `boots` is None while no worker starts. This is called often: the file is read again only when it was replaced.
    """

    def __init__(self, state: Path, parent: int | None) -> None:
        self._path, self._parent = state / NAME, parent
        self._glance: Glance | None = None
        self._progress: Supervisor | None = None

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
        return {"pid": note["pid"], "workers": note.get("workers"), "boots": note.get("boots")}
