"""The state folder: readable by its owner alone, and what is kept there by name."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from modelctl.errors import ModelctlError
from modelctl.system.replace_file import PRIVATE, replace_file


def make_state(folder: Path) -> Path:
    """The state folder, readable by its owner alone."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
    except OSError as error:
        raise ModelctlError(f"cannot make the state folder {folder}: {error.strerror or error}") from error
    return folder


def begin_private(path: Path) -> None:
    """An empty file for the owner alone where there is none: SQLite gives its side files the rights of the database as
    they are when it first opens it. A file that is there is not touched, since closing it would end SQLite's locks."""
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE))


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
        replace_file(path, key + "\n", mode=PRIVATE)
    return key
