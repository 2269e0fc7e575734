"""Caches the problems of a config file by its content: a second check of the same file parses nothing.

As in `build_cache`, everything that decides a result is part of its key. A file that may include others is not cached:
which files it includes is known only once it is parsed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from modelctl.build import build_cache
from modelctl.catalog.folder import label_of, read
from modelctl.errors import Problem
from modelctl.litellm_spec.machine import Machine
from modelctl.litellm_spec.supported_lines import target


def key(path: Path, today: date, environ: Mapping[str, str], settings: tuple[str, bytes]) -> str | None:
    """None where the file cannot be cached. `settings`: path and bytes of the settings file."""
    raw = read(path, label_of(path))
    if isinstance(raw, Problem) or b"include" in raw:
        return None
    about = (
        str(path.absolute()),
        label_of(path),
        today.isoformat(),
        target(),
        build_cache.code(),
        build_cache.given(environ),
    )
    return hashlib.sha256(repr((about, settings)).encode("utf-8", "surrogatepass") + raw).hexdigest()


def load(folder: Path, name: str, machine: Machine) -> list[Problem] | None:
    """None where the cache has no readable entry, or a Python file that the config names has changed since."""
    try:
        data = json.loads((folder / f"{name}.json").read_bytes())
        if not machine.holds(data["machine"]):
            return None
        return [Problem(**problem) for problem in data["config"]]
    except (OSError, ValueError, KeyError, TypeError):
        return None


def save(folder: Path, name: str, problems: list[Problem], machine: Machine) -> None:
    build_cache.write(folder, name, {"config": [problem.to_dict() for problem in problems], "machine": machine.looked})
