"""Keys that stand in files: `OPENAI_API_KEY_FILE=/run/secrets/openai` gives `OPENAI_API_KEY` its value.

Docker and Kubernetes mount secrets as files and replace them while a program runs. Where a variable and its file are
both there, the file counts. A catalog may also name the file itself (`api_key: file:/run/secrets/openai`): LiteLLM
knows no such reference, so the render refers to a variable of ours, whose file is a default of the catalog's.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from modelctl.errors import ModelctlError
from modelctl.system.file_stamp import FileStamp, stamp_of

FILE = "file:"
SUFFIX = "_FILE"
OURS = "MODELCTL_"  # what the variables begin with that stand for a file of the catalog's
MOST = 64 * 1024  # bytes; a service account's key has two thousand


class KeyFileError(ModelctlError):
    """A file that holds no key, and why, in words that follow its name."""


_WHOLE = re.compile(r"file:(/[^/\s](?:[^\s]*[^/\s])?)")
_OTHER = re.compile(r"[^A-Z0-9]+")


def path_of(value: object) -> str | None:
    """The file that a catalog refers to; None for what is no reference to a file by its whole path."""
    found = _WHOLE.fullmatch(value) if isinstance(value, str) else None
    return found[1] if found else None


def variable_for(path: str) -> str:
    """`/run/secrets/openai` -> `MODELCTL_RUN_SECRETS_OPENAI_KEY`."""
    return f"{OURS}{_OTHER.sub('_', path.upper()).strip('_')}_KEY"


def file_of(variable: str, environ: Mapping[str, str]) -> str | None:
    """The file that the environment names for a variable."""
    return environ.get(variable + SUFFIX) or None


def read_key(path: str) -> tuple[str, FileStamp]:
    """The key without the line end behind it, and what the file looked like. Raises KeyFileError."""
    try:
        with Path(path).open("rb") as file:
            stamp, raw = stamp_of(os.fstat(file.fileno())), file.read(MOST + 1)
        text = raw.decode()
    except FileNotFoundError:
        raise KeyFileError("is not there") from None
    except IsADirectoryError:
        raise KeyFileError("is a folder") from None
    except UnicodeDecodeError:
        raise KeyFileError("is not text (UTF-8)") from None
    except (OSError, ValueError) as error:
        raise KeyFileError(f"cannot be read: {getattr(error, 'strerror', None) or error}") from None
    return _key(text, len(raw)), stamp


def _key(text: str, size: int) -> str:
    key = text.rstrip("\r\n")
    if size > MOST:
        raise KeyFileError(f"is longer than {MOST // 1024} KB")
    if not key.strip():
        raise KeyFileError("is empty")
    if "\0" in key:
        raise KeyFileError("holds a zero byte")
    if key != key.strip():
        raise KeyFileError("has blanks around the key")
    if "\n" in key and not key.startswith(("{", "-----BEGIN")):
        raise KeyFileError("holds more than one line")
    return key


def with_keys(environ: Mapping[str, str], variables: Iterable[str]) -> dict[str, str]:
    """The environment as a worker sees it: with the keys of those variables that come from a file which can be read."""
    found = dict(environ)
    for name in variables:
        path = file_of(name, environ)
        if path is not None:
            try:
                found[name] = read_key(path)[0]
            except KeyFileError:
                continue
    return found
