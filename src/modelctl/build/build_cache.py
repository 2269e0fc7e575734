"""Results of earlier builds on disk, by content: a second look at the same catalog costs a read of JSON.

What a build says depends on the files (and where they stand), the day, our own code and LiteLLM's
price map: all of these make up the key, so an entry is never out of date, only unused. Entries are
written whole or not at all, and one that cannot be read counts as none.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from modelctl.catalog.folder import Contents
from modelctl.errors import Problem
from modelctl.litellm_spec.machine import Machine
from modelctl.litellm_spec.price_map import map_path
from modelctl.litellm_spec.supported_lines import target
from modelctl.state.desired import DesiredState
from modelctl.state.desired_json import from_packed, packed
from modelctl.system.file_stamp import stamp_of
from modelctl.system.replace_file import PRIVATE, replace_file

Result = tuple[list[Problem], DesiredState | None]

KEEP = 20  # entries; the oldest go


def key(contents: Contents, today: date, settings: bytes = b"", environ: Mapping[str, str] | None = None) -> str:
    """`settings` are the bytes of the settings file, `environ` where references are looked up (None: nowhere)."""
    found = hashlib.sha256(repr((contents.label, today.isoformat(), contents.problems, code(), target())).encode())
    for provider in contents.providers:
        found.update(repr((provider.id, [stem for stem, _ in provider.models])).encode())
    for text in contents.texts:
        raw = text.raw if isinstance(text.raw, bytes) else repr(text.raw).encode()
        found.update(f"\0{text.label}\0{len(raw)}\0".encode("utf-8", "surrogatepass"))
        found.update(raw)
    found.update(repr((settings, None if environ is None else given(environ))).encode("utf-8", "surrogatepass"))
    return found.hexdigest()


def load(folder: Path, name: str, machine: Machine) -> Result | None:
    """The cached result of this key; None if there is none (or it cannot be read, or a Python file that the
    catalog names has come, gone or changed)."""
    try:
        data = json.loads((folder / f"{name}.json").read_bytes())
        if not machine.holds(data["machine"]):
            return None
        desired = None if data["desired"] is None else from_packed(data["desired"])
        return [Problem(**problem) for problem in data["problems"]], desired
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def save(folder: Path, name: str, result: Result, machine: Machine) -> None:
    """Caches a result. A full or read-only disk is no reason to fail: then the result is not cached."""
    problems = [problem.to_dict() for problem in result[0]]
    desired = None if result[1] is None else packed(result[1])
    write(folder, name, {"problems": problems, "desired": desired, "machine": machine.looked})


def write(folder: Path, name: str, data: dict[str, Any]) -> None:
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=True)
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        replace_file(folder / f"{name}.json", text, mode=PRIVATE, durable=False)
        _prune(folder)


def _prune(folder: Path) -> None:
    entries = sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime, reverse=True)
    for path in entries[KEEP:]:
        path.unlink(missing_ok=True)


def given(environ: Mapping[str, str]) -> list[str]:
    """What rules ask of an environment: which variables are set; of one also to what."""
    switch = environ.get("STORE_MODEL_IN_DB", "")
    return [switch, *sorted(name for name, value in environ.items() if value)]


@cache
def code() -> list[Any]:
    """What else decides the result: this package with its data and the price map, by path, size and time."""
    ours = (path for path in Path(__file__).parents[1].rglob("*") if path.suffix in (".py", ".json"))
    paths = [*sorted(ours), *([found] if (found := map_path()) else [])]
    return [(str(path), seen.size, seen.mtime_ns) for path in paths if (seen := stamp_of(path.stat()))]
