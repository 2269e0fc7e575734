"""What the files under deploy/, the Dockerfile and compose.yaml say, read as the programs that use them would."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
UNIT = ROOT / "deploy" / "systemd" / "modelctl.service"
IMAGE = re.compile(r"[a-z][a-z0-9-]*(/[a-z0-9-]+)?(:[\w.-]+)?")
"""A plain name: no host of a registry before it."""


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile: each instruction with its arguments, lines joined."""
    text = re.sub(r"\\\n", " ", (ROOT / "Dockerfile").read_text())
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(line.split(None, 1)[0], line.split(None, 1)[1].strip()) for line in lines]


def copied() -> list[str]:
    """What the Dockerfile takes from the checkout."""
    found = [shlex.split(rest) for name, rest in instructions() if name == "COPY"]
    return [source for words in found if not words[0].startswith("--from") for source in words[:-1]]


def last(name: str) -> str:
    """The arguments of the last instruction of that name."""
    return [rest for each, rest in instructions() if each == name][-1]


def exec_form(text: str) -> list[str]:
    """`["a", "b"]`, also behind `CMD` in a HEALTHCHECK."""
    words: list[str] = json.loads(text[text.index("[") :])
    return words


def compose() -> dict[str, Any]:
    """compose.yaml with its variables as `.env` of nobody: defaults count."""
    text = (ROOT / "compose.yaml").read_text()
    text = re.sub(r"\$\{(\w+):\?[^}]*\}", r"given-\1", text)
    text = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text)
    found: dict[str, Any] = yaml.safe_load(text)
    return found


def unit() -> dict[str, list[str]]:
    """The systemd unit: each key with its values, in order."""
    found: dict[str, list[str]] = {}
    for line in UNIT.read_text().splitlines():
        if "=" in line and not line.startswith("#"):
            name, _, value = line.partition("=")
            found.setdefault(name, []).append(value)
    return found
