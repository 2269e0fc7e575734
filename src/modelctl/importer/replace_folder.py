"""Writes an imported catalog: the whole folder appears at once, or nothing does."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from modelctl.catalog.folder import SUFFIXES, TOP_FILES
from modelctl.errors import ModelctlError

_CATALOG = {
    "providers",
    "environments",
    ".schema",
    ".env.example",
    *(f"{name}{suffix}" for name in TOP_FILES for suffix in SUFFIXES),
}


def place(files: Mapping[str, str], out: Path, *, force: bool = False) -> None:
    """Write `files` (path below `out` -> text). Raises ModelctlError; then `out` is as it was before.

    A folder that holds anything is only replaced by force, and only when it is a catalog.
    """
    ready(out, force=force)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        stage = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
        try:
            _write(files, stage / "new")
            _swap(stage, out)
        finally:
            shutil.rmtree(stage, ignore_errors=True)
    except OSError as error:
        raise ModelctlError(f"cannot write {out}: {error.strerror or error}") from error


def ready(out: Path, *, force: bool) -> None:
    """Raises ModelctlError where the folder holds something that must not be replaced."""
    try:
        inside = {path.name for path in out.iterdir()} if out.is_dir() else set()
    except OSError as error:
        raise ModelctlError(f"cannot read {out}: {error.strerror or error}") from error
    if out.is_symlink() or (out.exists() and not out.is_dir()):
        raise ModelctlError(f"{out} is no folder", hint="--out takes the name of a folder to make")
    if inside and not force:
        raise ModelctlError(f"{out} is there already", hint="another --out, or --force to replace that catalog")
    if foreign := sorted(name for name in inside if name not in _CATALOG):
        text = f"{out} also holds `{foreign[0]}`, which is no part of a catalog: it is not replaced"
        raise ModelctlError(text, hint="another --out")


def _write(files: Mapping[str, str], folder: Path) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _swap(stage: Path, out: Path) -> None:
    """Removes the old folder only once the new one is in its place."""
    new, old = stage / "new", stage / "old"
    if not out.exists() or not any(out.iterdir()):
        new.rename(out)
        return
    out.rename(old)
    try:
        new.rename(out)
    except OSError:
        old.rename(out)
        raise
