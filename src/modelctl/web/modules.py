"""Which modules the page will need, so that a browser asks for all at once rather than one import after the other."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

# `import x from "..."`, `export { x } from "..."`, and `import "..."` for what a module does when it runs.
_IMPORT = re.compile(r"""^(?:import|export)\b[^;"]*"(\.{1,2}/[\w./-]+\.js)";""", re.MULTILINE)


@cache
def preloaded(folder: Path, *entries: str) -> tuple[str, ...]:
    """Addresses of the entries (files in `folder`, which is `web/`) and of all that they import."""
    found: dict[Path, None] = {}
    waiting = [(folder / entry).resolve() for entry in entries]
    while waiting:
        path = waiting.pop(0)
        if path in found or not path.is_file():
            continue
        found[path] = None
        waiting += [(path.parent / name).resolve() for name in _IMPORT.findall(path.read_text())]
    return tuple(f"{path.parent.name}/{path.name}" for path in found)
