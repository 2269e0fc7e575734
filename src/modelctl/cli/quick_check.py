"""Parses `check` without typer, whose import takes longer than most checks.

Only what is written in the plain way is read here. Everything else (help, completion, a mistake) is typer's, which
has the words for it; a test holds the two against each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from modelctl.cli.checking import FORMATS, Check

FLAGS = {
    "--json": "json", "--strict": "strict", "--env-required": "env_required", "--fix": "fix", "--diff": "diff",
    "--drill": "drill",
}  # fmt: skip
VALUES = {"--catalog": "catalog", "--env": "env", "--format": "format", "--litellm": "litellm"}


def asked(argv: Sequence[str]) -> Check | None:
    """The parsed request; None for another command, or for arguments that only typer understands."""
    words = iter(argv)
    if next(words, None) != "check":
        return None
    found: dict[str, Any] = {}
    paths: list[Path] = []
    for word in words:
        name, equals, value = word.partition("=")
        if not word.startswith("-") and word:
            paths.append(Path(word))
        elif word in FLAGS:
            found[FLAGS[word]] = True
        elif name in VALUES and (value := value if equals else next(words, "-"))[:1] not in ("", "-"):
            found[VALUES[name]] = Path(value) if name == "--catalog" else value
        else:
            return None
    return Check(tuple(paths), **found) if found.get("format", "text") in FORMATS else None
