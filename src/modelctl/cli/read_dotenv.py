"""Reads a `.env` as python-dotenv does, and names the lines that set nothing."""

from __future__ import annotations

import logging
from contextlib import suppress
from pathlib import Path

from dotenv import dotenv_values
from dotenv.parser import parse_stream

from modelctl.errors import ModelctlError


def read_dotenv(path: Path) -> dict[str, str]:
    """The variables that the file gives a value. Raises ModelctlError where it cannot be read."""
    logging.getLogger("dotenv.main").setLevel(logging.ERROR)  # the error's own message does not name the file
    _warn_of_broken_lines(path)
    try:
        return {name: value for name, value in dotenv_values(path).items() if value}
    except (OSError, UnicodeDecodeError) as error:
        raise ModelctlError(f"cannot read {path}: {error}") from error


def _warn_of_broken_lines(path: Path) -> None:
    """Lines that set nothing, with what to do; the rest of the file counts."""
    with suppress(OSError, UnicodeDecodeError), open(path, encoding="utf-8") as file:
        for binding in parse_stream(file):
            if binding.error:
                text = "%s:%d: this is no `NAME=value`, so it is left out; mend the line or put # before it"
                blank = len(binding.original.string) - len(binding.original.string.lstrip("\n"))
                logging.getLogger("modelctl").warning(text, path, binding.original.line + blank)
