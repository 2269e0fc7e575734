"""The state folder: readable by its owner alone, and what is kept there by name."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from modelctl.errors import ModelctlError


def make_state(folder: Path) -> Path:
    """The state folder, readable by its owner alone."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
    except OSError as error:
        raise ModelctlError(f"cannot make the state folder {folder}: {error.strerror or error}") from error
    return folder


def master_key(folder: Path) -> str | None:
    """LITELLM_MASTER_KEY where it is set, else what the state folder keeps; None where neither is."""
    if key := os.environ.get("LITELLM_MASTER_KEY"):
        return key
    path = folder / "master_key"
    return path.read_text().strip() or None if path.is_file() else None


def ensure_master_key(folder: Path) -> str:
    """The same, and one is made and kept (mode 0600) where there is none."""
    key = master_key(folder) or f"sk-{secrets.token_urlsafe(32)}"
    path = folder / "master_key"
    if not path.is_file() or path.read_text().strip() != key:
        write_private(path, key + "\n")
    return key


def write_private(path: Path, text: str) -> None:
    """Replace a file in one step, mode 0600 from its first byte."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    part.replace(path)
