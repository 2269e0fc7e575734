"""What was found in a config file, kept by content: a second look at the same file parses nothing.

As in `kept`, all that decides a result makes up its key. Files that may include others are not kept: which those are is
known only once they are read.
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
    """None where nothing may be kept. `settings`: path and bytes of the settings file."""
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
    """None where nothing is kept under this key, it cannot be read, or a Python file that the config names is no
    longer what it was."""
    try:
        data = json.loads((folder / f"{name}.json").read_bytes())
        if not machine.holds(data["machine"]):
            return None
        return [Problem(**problem) for problem in data["config"]]
    except (OSError, ValueError, KeyError, TypeError):
        return None


def save(folder: Path, name: str, problems: list[Problem], machine: Machine) -> None:
    build_cache.write(folder, name, {"config": [problem.to_dict() for problem in problems], "machine": machine.looked})
