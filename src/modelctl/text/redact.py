"""What a terminal or an answer may show of text that may hold secrets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from modelctl.text.secret_shapes import redacted

_SECRET_NAME = re.compile(r"key|token|secret|password|credential|dsn|database_url|redis_url", re.IGNORECASE)
_SHORTEST = 6
_WINDOW = 16_384
_COLOUR = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def mask(text: str, environ: Mapping[str, str]) -> str:
    """Without the values of variables that are named like secrets, and without what looks like one."""
    values = {value for name, value in environ.items() if _SECRET_NAME.search(name) and len(value) >= _SHORTEST}
    for value in sorted(values, key=len, reverse=True):
        text = text.replace(value, "***")
    return redacted(text)


def last_lines(log: Path, environ: Mapping[str, str], after: int = 0, most: int = 15) -> str:
    """The end of a log (of what follows its first `after` bytes) as a terminal may show it."""
    try:
        with open(log, "rb") as file:
            start = max(after, log.stat().st_size - _WINDOW)
            file.seek(start)
            text = file.read().decode("utf-8", "replace")
            text = text.partition("\n")[2] if start > after else text  # half a line may hold half a secret
    except OSError:
        return ""
    lines = [line.rstrip() for line in _COLOUR.sub("", text).splitlines() if line.strip()]
    return mask("\n".join(lines[-most:]), environ)
