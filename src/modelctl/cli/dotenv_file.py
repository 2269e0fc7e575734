"""Loads `.env` beside the catalog into this process's environment."""

from __future__ import annotations

import logging
import os
from contextlib import suppress
from pathlib import Path

from modelctl.errors import ModelctlError
from modelctl.project import Settings


def load_dotenv(settings: Settings) -> frozenset[str]:
    """Load `.env` beside the catalog into this process's environment; variables that are set already win.

    Returns the names that came from the file.
    """
    path = settings.root / ".env"
    if not path.is_file():
        return frozenset()
    from dotenv import dotenv_values

    logging.getLogger("dotenv.main").setLevel(logging.ERROR)  # the error's own message does not name the file
    _tell_broken(path)
    try:
        found = {name: value for name, value in dotenv_values(path).items() if value}
    except (OSError, UnicodeDecodeError) as error:
        raise ModelctlError(f"cannot read {path}: {error}") from error
    new = {name: value for name, value in found.items() if not os.environ.get(name)}
    os.environ.update(new)
    return frozenset(new)


def _tell_broken(path: Path) -> None:
    """Lines of `.env` that set nothing, with what to do; the rest of the file counts."""
    from dotenv.parser import parse_stream

    with suppress(OSError, UnicodeDecodeError), open(path, encoding="utf-8") as file:
        for binding in parse_stream(file):
            if binding.error:
                text = "%s:%d: this is no `NAME=value`, so it is left out; mend the line or put # before it"
                blank = len(binding.original.string) - len(binding.original.string.lstrip("\n"))
                logging.getLogger("modelctl").warning(text, path, binding.original.line + blank)
