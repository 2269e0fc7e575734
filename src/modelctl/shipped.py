"""Where the catalog and the templates that come with modelctl are: beside the sources, or in the wheel."""

from __future__ import annotations

import subprocess
from pathlib import Path

from modelctl.errors import ModelctlError

_PACKAGE = Path(__file__).resolve().parent


def catalog() -> Path:
    return _find("catalog")


def templates() -> Path:
    return _find("templates")


def edited() -> list[str]:
    """Files of an editable checkout's catalog and templates that differ from its last commit; none in a wheel."""
    root = catalog().parent
    if not (root / ".git").exists():
        return []
    asked = ["git", "-C", str(root), "status", "--porcelain", "-z", "--", "catalog", "templates"]
    try:
        listed = subprocess.run(asked, capture_output=True, text=True, timeout=10, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return []
    return [line[3:] for line in listed.split("\0") if line]


def _find(name: str) -> Path:
    """In a wheel `modelctl/shipped/<name>`; in a checkout (or an editable install of it) two folders up."""
    packed = _PACKAGE / "shipped" / name
    beside = _PACKAGE.parent.parent / name
    for folder in (packed, beside):
        if folder.is_dir():
            return folder
    raise ModelctlError(f"the installation is incomplete: neither {packed} nor {beside} exists")
