"""The file of tokens: a line each with a name, a role and the token's digest. The token itself stands nowhere.

ana select sha256:5e884898da28047151d0e56f8dc6292773603d0d6aabbd62a11ef721d1542d8a
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from modelctl.errors import ModelctlError
from modelctl.system.replace_file import PRIVATE, replace_file

ROLES = ("read", "worker", "select", "edit", "admin")
"""Each may do what those before it may, but for what workers alone do (`worker`)."""
_LINE = re.compile(r"(\S+)\s+(\S+)\s+sha256:([0-9a-f]{64})")
_NAME = re.compile(r"[\w.@-]{1,100}")
_TOO_OPEN = stat.S_IRWXO | stat.S_IWGRP
_MOST_BYTES = 1_000_000


class TokenFileError(ModelctlError):
    """The file of tokens, or what is asked of it, is wrong."""


@dataclass(frozen=True)
class Holder:
    """Who holds a token, and what it is good for."""

    name: str
    role: str


def digest(token: str) -> str:
    """Tokens are random and long: one round of a hash is as good as many."""
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()


def read_tokens(path: Path) -> dict[str, Holder]:
    """Digest -> holder. Raises TokenFileError for a file that others may read, or a line that is none."""
    try:
        with path.open(encoding="utf-8") as file:
            _refuse_open(path, os.fstat(file.fileno()).st_mode)
            text = file.read(_MOST_BYTES)
    except (OSError, UnicodeDecodeError) as error:
        raise TokenFileError(f"cannot read the token file {path}: {_why(error)}") from error
    found: dict[str, Holder] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            given, holder = _holder(f"{path}:{number}", line)
            if holder.name in {each.name for each in found.values()}:
                raise TokenFileError(f"{path}:{number}: `{holder.name}` has a token already, names are given once")
            if given in found:
                raise TokenFileError(f"{path}:{number}: `{holder.name}` and `{found[given].name}` have the same token")
            found[given] = holder
    return found


def add_token(path: Path, name: str, role: str) -> str:
    """A new token, of which the file gets the digest. Raises TokenFileError for a name that has one."""
    if not _NAME.fullmatch(name):
        raise TokenFileError(f"`{name}` is no name for a token", hint="letters, digits and . _ - @, without spaces")
    need_role(role)
    token = secrets.token_urlsafe(32)
    with _locked(path):
        there = read_tokens(path) if path.exists() else {}
        if name in {each.name for each in there.values()}:
            raise TokenFileError(f"`{name}` has a token already", hint=f"modelctl token remove {name}")
        _write(path, {**there, digest(token): Holder(name, role)})
    return token


def remove_token(path: Path, name: str) -> None:
    """Raises TokenFileError where nobody of that name has a token."""
    with _locked(path):
        there = read_tokens(path) if path.exists() else {}
        left = {each: holder for each, holder in there.items() if holder.name != name}
        if len(left) == len(there):
            names = ", ".join(holder.name for holder in there.values()) or "nobody has one"
            raise TokenFileError(f"`{name}` has no token in {path}", hint=f"there are: {names}" if there else None)
        _write(path, left)


def need_role(role: str, where: str = "") -> None:
    if role not in ROLES:
        raise TokenFileError(f"{where}`{role}` is no role", hint=f"one of {', '.join(ROLES)}")


def _holder(place: str, line: str) -> tuple[str, Holder]:
    """The line itself is not shown: somebody may have written a token into it."""
    parts = _LINE.fullmatch(line.strip())
    if not parts:
        raise TokenFileError(
            f"{place}: not a line of a token file", hint="NAME ROLE sha256:DIGEST, as `modelctl token add` writes it"
        )
    need_role(parts[2], f"{place}: ")
    return parts[3], Holder(parts[1], parts[2])


def _refuse_open(path: Path, mode: int) -> None:
    if mode & _TOO_OPEN:
        raise TokenFileError(
            f"the token file {path} is open to others (mode {stat.S_IMODE(mode):04o})", hint=f"chmod 600 {path}"
        )


def _write(path: Path, tokens: dict[str, Holder]) -> None:
    lines = [f"{holder.name} {holder.role} sha256:{given}\n" for given, holder in tokens.items()]
    try:
        replace_file(path, "".join(lines), mode=PRIVATE)
    except OSError as error:
        raise TokenFileError(f"cannot write the token file {path}: {_why(error)}") from error


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Two commands at once add one after the other. The folder is locked, since the file is replaced."""
    try:
        handle = os.open(path.parent, os.O_RDONLY | os.O_CLOEXEC)
    except OSError as error:
        raise TokenFileError(f"cannot write the token file {path}: {_why(error)}") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _why(error: Exception) -> str:
    return (getattr(error, "strerror", None) or "it is not UTF-8 text").lower()
