"""Files are replaced in one step: readers see all of the old text or all of the new, whatever ends this process.

A complete file is written beside the old one, brought to the disk and given the old one's name.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

PRIVATE = 0o600
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def replace_file(path: Path, content: str | bytes, *, mode: int | None = None, durable: bool = True) -> None:
    """Raises OSError with the file's name; then the old file stands as it was, and nothing lies beside it.

    `mode` holds from the first byte; None: the rights that the file has, or what a new file gets. What may be lost
    in a power cut need not be `durable`: a cache, say.
    """
    with staged(path, content, mode=mode, durable=durable) as part:
        move(part, path, durable=durable)


def replace_files(files: Mapping[Path, str]) -> None:
    """Everything is on the disk before the first file is replaced."""
    with ExitStack() as open_parts:
        parts = {path: open_parts.enter_context(staged(path, text)) for path, text in files.items()}
        for path, part in parts.items():
            move(part, path)


@contextmanager
def staged(
    path: Path, content: str | bytes, *, mode: int | None = None, durable: bool = True, folder: int | None = None
) -> Iterator[Path]:
    """A complete file beside `path` (whose name begins with a dot), which is gone afterwards unless it was renamed.

    `folder` is a handle on the folder where relative paths begin.
    """
    part = path.with_name(f".{path.name}.{os.urandom(6).hex()}")
    try:
        with _naming(path):
            _write(part, content, mode=_mode(path, folder) if mode is None else mode, durable=durable, folder=folder)
        yield part
    finally:
        with suppress(OSError):
            os.unlink(part, dir_fd=folder)


def move(part: Path, path: Path, *, durable: bool = True, folder: int | None = None) -> None:
    """Give a staged file its name."""
    with _naming(path):
        os.replace(part, path, src_dir_fd=folder, dst_dir_fd=folder)
        if durable:
            _sync_folder(path, folder)


def _write(part: Path, content: str | bytes, *, mode: int | None, durable: bool, folder: int | None) -> None:
    handle = os.open(part, _NEW, 0o666 if mode is None else mode, dir_fd=folder)
    with os.fdopen(handle, "wb") as file:
        if mode is not None:
            os.fchmod(handle, mode)  # whatever the umask takes away
        file.write(content.encode() if isinstance(content, str) else content)
        file.flush()
        if durable:
            os.fsync(handle)


def _mode(path: Path, folder: int | None) -> int | None:
    try:
        return os.stat(path, dir_fd=folder).st_mode & 0o7777
    except OSError:
        return None


def _sync_folder(path: Path, folder: int | None) -> None:
    """Some file systems cannot: the name is on the disk a few seconds later then."""
    if folder is not None:
        return os.fsync(folder)
    with suppress(OSError):
        handle = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextmanager
def _naming(path: Path) -> Iterator[None]:
    """An error of `write` names no file, and others name the part."""
    try:
        yield
    except OSError as error:
        error.filename, error.filename2 = str(path), None
        raise
