"""Asks Python environments which LiteLLM they hold."""

from __future__ import annotations

import subprocess
from pathlib import Path

from modelctl.errors import ModelctlError
from modelctl.trial.candidate import Candidate

ASK_S = 30.0
_HINT = "an interpreter: ENV/bin/python"
_VERSION = "from importlib.metadata import version; import uvicorn, fastapi; print(version('litellm'))"


def candidate(python: str) -> Candidate:
    """The LiteLLM of an interpreter. Raises ModelctlError where there is none, or only half of one."""
    try:
        asked = subprocess.run(
            [python, "-c", _VERSION], capture_output=True, text=True, timeout=ASK_S, stdin=subprocess.DEVNULL
        )
    except OSError as error:
        raise ModelctlError(f"cannot run {python}: {error.strerror or error}", hint=_HINT) from None
    except subprocess.TimeoutExpired:
        raise ModelctlError(f"{python} did not answer within {ASK_S:g} s", hint=_HINT) from None
    if asked.returncode != 0:
        last = (asked.stderr.strip().splitlines() or ["no message"])[-1]
        raise ModelctlError(
            f"{python} has no LiteLLM proxy: {last}", hint=f"{Path(python)} -m pip install 'litellm[proxy]'"
        )
    if not (release := asked.stdout.strip()):
        raise ModelctlError(f"{python} is no Python: it says nothing", hint=_HINT)
    return Candidate(python, release)
