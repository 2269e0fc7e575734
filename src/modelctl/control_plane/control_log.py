"""The control plane's log: one line on the terminal, details in a file; logging itself never fails."""

from __future__ import annotations

import logging
import os
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

from modelctl.system.replace_file import PRIVATE


def keep_log(path: Path) -> None:
    """One line on the terminal; the traceback of a bug of ours only in the file."""
    terminal, file = _Terminal(), _File(path, maxBytes=1_000_000, backupCount=1, delay=True)
    terminal.setFormatter(OneLine("%(message)s"))
    file.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    logger = logging.getLogger("modelctl")
    logger.handlers[:], logger.propagate = [terminal, file], False
    logger.setLevel(logging.INFO)


class OneLine(logging.Formatter):
    def formatException(self, ei: object) -> str:
        return "(the details are in control.log)"


class _Terminal(logging.StreamHandler):  # type: ignore[type-arg]
    def handleError(self, record: logging.LogRecord) -> None:
        """On a full disk or a closed pipe the line is dropped: a traceback instead would help nobody."""


class _File(RotatingFileHandler):
    def _open(self) -> TextIOWrapper:
        """For the owner alone, whatever the umask."""
        return os.fdopen(_private(self.baseFilename), "a", encoding="utf-8")

    def handleError(self, record: logging.LogRecord) -> None:
        """The same; the next line is tried again."""


def _private(path: str) -> int:
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, PRIVATE)
    os.fchmod(handle, PRIVATE)
    return handle
