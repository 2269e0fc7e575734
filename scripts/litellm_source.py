"""The text of one LiteLLM release, installed or inside a wheel; nothing of it is ever imported."""

from __future__ import annotations

import ast
import functools
import importlib.metadata
import importlib.util
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from litellm_words import words

PACKAGES = ("litellm/", "litellm_enterprise/")
PROXY = ("litellm/proxy/", "litellm_enterprise/")
SERVER = "litellm/proxy/proxy_server.py"
MAP = "litellm/model_prices_and_context_window_backup.json"


@dataclass(frozen=True, eq=False)
class Source:
    """`texts` holds every .py and .json file by its path from the folder that holds the package."""

    version: str
    texts: dict[str, str]

    def tree(self, path: str) -> ast.Module:
        return _parse(self.texts.get(path, ""))

    def data(self, path: str) -> Any:
        """The content of a JSON file; an empty mapping if this release has no such file."""
        return json.loads(self.texts.get(path, "{}"))

    def walk(self, *folders: str) -> Iterator[tuple[str, str]]:
        """Python files under any of the folders (or the named files themselves)."""
        for path, text in self.texts.items():
            if path.endswith(".py") and path.startswith(folders):
                yield path, text


@functools.lru_cache(maxsize=256)
def _parse(text: str) -> ast.Module:
    return ast.parse(text)


def installed() -> Source:
    spec = importlib.util.find_spec("litellm")
    if spec is None or spec.origin is None:
        sys.exit("LiteLLM is not installed here")
    root = Path(spec.origin).parent.parent
    files = (file for package in PACKAGES for file in (root / package).rglob("*") if _wanted(str(file)))
    texts = {file.relative_to(root).as_posix(): file.read_text(encoding="utf-8", errors="replace") for file in files}
    texts["redis/client.py"] = (root / "redis/client.py").read_text(encoding="utf-8")  # cache_params go to it
    return Source(importlib.metadata.version("litellm"), dict(sorted(texts.items())))


def wheel(path: Path) -> Source:
    with zipfile.ZipFile(path) as archive:
        names = sorted(name for name in archive.namelist() if name.startswith(PACKAGES) and _wanted(name))
        texts = {name: archive.read(name).decode("utf-8", "replace") for name in names}
    return Source(version_of(path), texts)


def version_of(path: Path) -> str:
    return path.name.split("-")[1]


def _wanted(name: str) -> bool:
    return name.endswith(".py") or (name.endswith(".json") and "/proxy/" not in name)


def order(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])


def wheels(folder: Path) -> list[Path]:
    """The wheels of earlier releases in a folder, oldest first."""
    now = order(importlib.metadata.version("litellm"))
    found = [path for path in folder.glob("litellm-*.whl") if order(version_of(path)) < now]
    return sorted(found, key=lambda path: order(version_of(path)))


# About one minor release in ten, closer together near the present: LiteLLM now drops models within weeks.
RELEASES = words("""
    1.14.4 1.53.9 1.55.12 1.60.8 1.65.8 1.70.4 1.75.9 1.80.16
    1.85.7 1.90.7 1.95.1 1.100.5 1.102.4 1.103.11 1.104.9 1.105.7
""")


def download(folder: Path) -> None:
    """Brings the wheels that are not in the folder yet, without installing them."""
    folder.mkdir(parents=True, exist_ok=True)
    have = {version_of(path) for path in folder.glob("litellm-*.whl")}
    for version in sorted(RELEASES, key=order):
        if version not in have:
            wanted = ["--no-deps", "--only-binary", ":all:", "-d", str(folder), f"litellm=={version}"]
            subprocess.run([sys.executable, "-m", "pip", "download", "-q", *wanted], check=True)
