"""Files below the catalog folder that a program may write: by checked names, never through a link, whole or not at all.

A place is a relative path such as `providers/acme/fast.yaml`. Every folder on the way is opened by its
own name and refused when it is a link, so that no name and no swapped folder leads out of the catalog.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath

from modelctl.catalog.folder import MAX_BYTES, SUFFIXES
from modelctl.errors import ModelctlError, Refused
from modelctl.system.replace_file import move, staged

LONGEST_NAME = 100
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9_-])?")
_RESERVED = re.compile(r"(?i)(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?")  # no file on Windows can have these names
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_READ_ONLY = (errno.EROFS, errno.EACCES, errno.EPERM)


class CannotWrite(ModelctlError):
    """The file system refused the write; nothing was changed."""

    status, code = 507, "cannot_write"


class Taken(ModelctlError):
    """The file exists already."""

    status, code = 409, "exists"


def check_name(what: str, name: str) -> None:
    """Raises ModelctlError when `name` may not become a file's name, with the reason."""
    reason = _unfit(name)
    if reason:
        shown = "".join(char if char.isprintable() else "?" for char in name[:60])
        hint = "letters, digits, `.`, `_` and `-`; the provider's own id of the model goes into `model`"
        raise ModelctlError(f"`{shown}` cannot be the id of a {what}: {reason}", hint=hint)


def _unfit(name: str) -> str | None:
    if not name:
        return "it is empty"
    if len(name) > LONGEST_NAME:
        return f"it is longer than {LONGEST_NAME} characters"
    if "/" in name or "\\" in name or name in (".", ".."):
        return "it becomes a file's name, and this would be a path"
    if not name.isprintable():
        return "it holds control characters"
    if not _NAME.fullmatch(name):
        return "it becomes a file's name, and begins, ends or goes on with a character that has no place there"
    if _RESERVED.fullmatch(name):
        return "the name is reserved on some systems"
    return "it ends like a file of this catalog" if name.lower().endswith(SUFFIXES) else None


def digest(raw: bytes) -> str:
    """16 hex digits that name a file's content."""
    return hashlib.sha256(raw).hexdigest()[:16]


class SafeFolder:
    """Reads and writes places below one catalog folder (which itself may be reached through a link)."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def read(self, place: str) -> bytes | None:
        """The file's bytes; None when there is none. Raises Refused for what is a link or no file."""
        with self._folder(place) as folder:
            if folder is None:
                return None
            try:
                handle = os.open(_last(place), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
            except FileNotFoundError:
                return None
            except OSError as error:
                raise _no_entry(place, error) from error
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                os.close(handle)
                raise Refused(f"{place} is no file")
            with os.fdopen(handle, "rb") as file:
                return file.read(MAX_BYTES + 1)

    def clash(self, place: str) -> str | None:
        """A name beside `place` that differs from it in case alone: one file on some systems."""
        with self._folder(place) as folder:
            names = [] if folder is None else os.listdir(folder)  # noqa: PTH208  (a handle)
        own = _stem(_last(place))
        return next((name for name in names if _stem(name) != own and _stem(name).casefold() == own.casefold()), None)

    def create(self, place: str, text: str) -> None:
        """Raises Taken when there is such a file by now, CannotWrite when the file system says no."""
        with self._staged(place, text) as (folder, part):
            _link(folder, part, place)
            os.fsync(folder)

    def replace(self, place: str, text: str) -> None:
        with self._staged(place, text) as (folder, part):
            move(part, Path(_last(place)), folder=folder)

    def remove(self, place: str) -> None:
        """The file, and its folder when that is empty then."""
        with _in_words(place), self._folder(place) as folder:
            if folder is not None:
                with suppress(FileNotFoundError):
                    os.unlink(_last(place), dir_fd=folder)
                os.fsync(folder)
        self._drop_folder(place)

    def _drop_folder(self, place: str) -> None:
        """Only `providers/<provider>` comes and goes with its files."""
        parent = str(PurePosixPath(place).parent)
        if parent.count("/") == 1:
            with suppress(OSError), self._folder(parent) as above:
                if above is not None:
                    os.rmdir(_last(parent), dir_fd=above)

    @contextmanager
    def _staged(self, place: str, text: str) -> Iterator[tuple[int, Path]]:
        """The folder's handle and the name of a complete, durable file in it, gone afterwards."""
        try:
            with _in_words(place), self._folder(place, make=True) as folder:
                if folder is None:
                    raise CannotWrite(f"the folder of {place} vanished just now", hint="save again")
                with staged(Path(_last(place)), text, folder=folder) as part:
                    yield folder, part
        except BaseException:
            self._drop_folder(place)
            raise

    @contextmanager
    def _folder(self, place: str, make: bool = False) -> Iterator[int | None]:
        """A handle on the folder of `place`; None when it does not exist (and is not made)."""
        steps = PurePosixPath(place).parts[:-1]
        try:
            handles = [os.open(self.root, os.O_RDONLY | os.O_DIRECTORY)]
        except OSError as error:
            raise CannotWrite(f"cannot open the catalog folder: {(error.strerror or str(error)).lower()}") from error
        try:
            for depth, step in enumerate(steps, 1):
                handle = _enter(handles[-1], step, "/".join(steps[:depth]), make)
                if handle is None:
                    yield None
                    return
                handles.append(handle)
            yield handles[-1]
        finally:
            for handle in handles:
                os.close(handle)


def _link(folder: int, part: Path, place: str) -> None:
    """Gives the staged file its name, unless that exists. Some file systems have no hard links."""
    try:
        os.link(part, _last(place), src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
    except FileExistsError as error:
        raise Taken(f"{place} is there already") from error
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS):
            raise
        if _last(place) in os.listdir(folder):
            raise Taken(f"{place} is there already") from error
        move(part, Path(_last(place)), folder=folder)


def _enter(above: int, name: str, place: str, make: bool) -> int | None:
    if make:
        with suppress(FileExistsError):
            os.mkdir(name, dir_fd=above)
    try:
        return os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=above)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _no_entry(place, error) from error


def _no_entry(place: str, error: OSError) -> ModelctlError:
    if error.errno in (errno.ELOOP, errno.ENOTDIR):
        return Refused(f"{place} is a link or no folder: it is not followed", hint="edit what it leads to by hand")
    return CannotWrite(f"{place}: {(error.strerror or str(error)).lower()}")


@contextmanager
def _in_words(place: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        if error.errno in _READ_ONLY:
            elsewhere = "commit the change where the catalog comes from instead"
            raise Refused(f"the control plane may not write {place}: {reason}", hint=elsewhere) from error
        hint = "free some space and save again" if error.errno in _FULL else None
        raise CannotWrite(f"{place} could not be written: {reason}", hint=hint) from error


def _last(place: str) -> str:
    return PurePosixPath(place).name


def _stem(name: str) -> str:
    path = PurePosixPath(name)
    return path.stem if path.suffix in SUFFIXES else path.name
