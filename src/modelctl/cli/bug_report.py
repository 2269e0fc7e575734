"""What a bug of ours leaves behind: its traceback, in a file that people can send."""

from __future__ import annotations

import sys
import tempfile
import traceback

from modelctl import __version__, project
from modelctl.system.replace_file import PRIVATE, replace_file


def keep_traceback() -> str:
    """Writes the traceback to the state folder or a temporary file, never to the terminal; returns its path."""
    text = f"modelctl {__version__}, {' '.join(sys.argv[1:2])}\n{traceback.format_exc()}"
    try:
        path = project.resolve().state / "bug.log"
        replace_file(path, text, mode=PRIVATE, durable=False)
        return str(path)
    except Exception:
        with tempfile.NamedTemporaryFile("w", prefix="modelctl-bug-", suffix=".log", delete=False) as file:
            file.write(text)
        return file.name
