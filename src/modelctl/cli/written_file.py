"""A file that a command writes: in one step, and in words where it cannot be written."""

from __future__ import annotations

from pathlib import Path

from modelctl.errors import ModelctlError
from modelctl.system.replace_file import replace_file


def write_file(path: Path, content: str | bytes) -> None:
    """Raises ModelctlError; then the file is as it was."""
    try:
        replace_file(path, content)
    except OSError as error:
        raise ModelctlError(f"cannot write {path}: {error.strerror or error}") from error
