"""Digests of all YAML files in a folder; a file is read again only when its stamp changed."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from os import DirEntry, scandir, stat_result
from pathlib import Path

from modelctl.catalog.folder import MAX_BYTES
from modelctl.system.file_stamp import Glance, glance

_SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True)
class FileDigests:
    """One file. `empty`: without content; `cut`: it ends within a line."""

    glance: Glance
    digest: bytes
    empty: bool
    cut: bool

    @property
    def inode(self) -> int:
        return self.glance.look.inode


Picture = dict[str, FileDigests]


def changed(before: Picture, after: Picture) -> bool:
    """Whether the content differs; a touched file with the same bytes has not changed."""
    return before.keys() != after.keys() or any(before[path].digest != after[path].digest for path in after)


def picture(folder: Path, before: Picture | None = None) -> Picture:
    """Every YAML file under the folder; reads only files whose stamp differs from that in `before`."""
    before = before or {}
    return {path: _seen(path, status, before.get(path)) for path, status in _files(folder)}


def glimpse(before: Picture, paths: Iterable[str]) -> Picture:
    """`before` with these files as they are now: a first look, which costs what moved. Files that come or go, and
    whatever is reached by another way, are left to a whole picture."""
    now = dict(before)
    for path in paths:
        if path in now:
            with suppress(OSError):
                now[path] = _seen(path, os.stat(path), now[path])  # noqa: PTH116  (in the way of each edit)
    return now


def stirred(before: Picture, folder: Path) -> bool:
    """Cheap: whether any stamp differs, or a file changed too recently to tell."""
    now = dict(_files(folder))
    return now.keys() != before.keys() or any(
        glance(now[path], one.glance) is not one.glance for path, one in before.items()
    )


def _files(folder: Path, depth: int = 4) -> Iterator[tuple[str, stat_result]]:
    """(path, status) through symlinks. What vanishes while we look, or cannot be read, is skipped here:
    the build has the words for it."""
    try:
        entries: list[DirEntry[str]] = sorted(scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        if entry.name.startswith("."):
            continue
        with suppress(OSError):
            if entry.is_dir():
                if depth:
                    yield from _files(Path(entry.path), depth - 1)
            elif entry.name.endswith(_SUFFIXES):
                yield entry.path, entry.stat()


def _seen(path: str, status: stat_result, before: FileDigests | None) -> FileDigests:
    now = glance(status, before.glance if before else None)
    return before if before and now is before.glance else FileDigests(now, *_digest(path))


def _digest(path: str) -> tuple[bytes, bool, bool]:
    """The digest of the content, and whether it is empty or cut."""
    try:
        with open(path, "rb") as file:
            raw = file.read(MAX_BYTES + 1)  # a build reads no more either
    except OSError as error:
        return f"unreadable: {error.errno}".encode(), False, False
    return hashlib.sha256(raw).digest(), not raw.strip(), not raw.endswith(b"\n")


def latest(folder: Path) -> float:
    """When something last moved in the folder, in UTC seconds."""
    moved = [max(status.st_mtime, status.st_ctime) for _, status in _files(folder)]
    for each in (folder, folder / "providers", folder / "environments"):
        with suppress(OSError):
            moved.append(each.stat().st_ctime)
    return max(moved, default=0.0)
