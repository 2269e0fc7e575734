"""What a LiteLLM that did not start says of it: the one line of its log that tells."""

from __future__ import annotations

import re

MOST_LINES = 10  # characters of its log
_EMPTY_WORDS = ("SystemExit", "LiteLLM ended", "it ended", "it says")
_ERROR = re.compile(r"[A-Za-z_][\w.]*(?:Error|Exception|Exit|Interrupt): .")


def own_words(failed: str, log: str) -> str:
    """LiteLLM logs what stopped its start and then leaves with a number, which says nothing to anybody."""
    errors = [line.strip() for line in log.splitlines() if _ERROR.match(line.strip())]
    return errors[-1] if errors and failed.startswith(_EMPTY_WORDS) else failed


def without_frames(log: str) -> str:
    """The log without traceback frames, which do not help the author of a config."""
    lines = [line for line in log.splitlines() if line[:1] not in (" ", "\t") and not line.startswith("Traceback")]
    return "\n".join(lines[-MOST_LINES:])
