"""Writes a command's output file atomically; failures become a ModelctlError."""

from __future__ import annotations

from pathlib import Path

from modelctl.errors import ModelctlError
from modelctl.system.replace_file import replace_file


def write_file(path: Path, content: str | bytes) -> None:
    """Raises ModelctlError; then the file is unchanged."""
    try:
        replace_file(path, content)
    except OSError as error:
        raise ModelctlError(f"cannot write {path}: {error.strerror or error}") from error
