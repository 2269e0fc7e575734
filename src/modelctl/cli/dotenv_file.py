"""Loads `.env` beside the catalog into this process's environment."""

from __future__ import annotations

import os

from modelctl.project import Settings


def load_dotenv(settings: Settings) -> frozenset[str]:
    """Load `.env` beside the catalog into this process's environment; variables that are set already win.

    Returns the names that came from the file.
    """
    path = settings.root / ".env"
    if not path.is_file():
        return frozenset()
    from modelctl.cli.read_dotenv import read_dotenv  # 10 ms that a project without the file spares

    new = {name: value for name, value in read_dotenv(path).items() if not os.environ.get(name)}
    os.environ.update(new)
    return frozenset(new)
