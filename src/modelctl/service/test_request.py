"""A real request to a model that is not saved yet, by a short-lived process that runs LiteLLM."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from modelctl.errors import ModelctlError, Refused
from modelctl.litellm_spec.error_text import plain
from modelctl.litellm_spec.modes import is_chat
from modelctl.service import allowed_variables
from modelctl.service.file_answer_types import Tried
from modelctl.state.desired import Deployment, DesiredState, Model

MOST_AT_ONCE = 2
TIMEOUT_S = 45.0  # of the request
START_S = 60.0  # and this long for LiteLLM to be imported (6 to 25 s)
WHERE = (
    "The request was made on the control plane's host with its environment, by a LiteLLM of its own. "
    "The running proxy knows nothing of this model until it is saved."
)
_SETTINGS = ("drop_params", "modify_params", "ssl_verify")  # of litellm_settings: what changes such a request


class Busy(ModelctlError):
    """As many as may run at once are running."""

    status, code = 429, "busy"


class TestRequests:
    """`environ` is the environment that the child process gets."""

    def __init__(self, environ: Mapping[str, str], timeout: float = TIMEOUT_S) -> None:
        self._environ, self._timeout, self._running = environ, timeout, 0

    async def test(
        self, deployment: Deployment, model: Model, desired: DesiredState, live: DesiredState | None
    ) -> Tried:
        """Raises Refused for what cannot or may not be tried, and Busy."""
        if not is_chat(model.mode) and model.mode != "embedding":
            raise Refused(f"a model of mode `{model.mode}` cannot be tried with one request", hint="save it and use it")
        missing = [name for name in model.references if not self._environ.get(name)]
        if missing:
            verb = "is" if len(missing) == 1 else "are"
            return _tried(False, error=f"{' and '.join(missing)} {verb} not set where the control plane runs")
        if self._running >= MOST_AT_ONCE:
            raise Busy(f"{self._running} models are being tried already", hint="try again in a moment")
        given = allowed_variables.environment(self._environ, deployment, live)
        self._running += 1
        try:
            return self._redacted(await self._run(self._task(deployment, model, desired), given), given)
        finally:
            self._running -= 1

    def _task(self, deployment: Deployment, model: Model, desired: DesiredState) -> dict[str, Any]:
        written = desired.settings.get("litellm_settings") or {}
        return {
            "entry": deployment.entry(),
            "mode": model.mode,
            "settings": {name: written[name] for name in _SETTINGS if name in written},
            "env_defaults": desired.env_defaults,
            "timeout": self._timeout,
        }

    async def _run(self, task: dict[str, Any], given: Mapping[str, str]) -> dict[str, Any]:
        environ = {**given, "LITELLM_LOCAL_MODEL_COST_MAP": "True", "PYTHONUNBUFFERED": "1"}
        pipe, quiet = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "modelctl.try_model", stdin=pipe, stdout=pipe, stderr=quiet, env=environ
        )
        try:
            async with asyncio.timeout(START_S + self._timeout):
                output, _ = await child.communicate(json.dumps(task).encode())
            return dict(json.loads(output))
        except TimeoutError:
            return _failed(f"LiteLLM did not start within {START_S:g} s")
        except ValueError:
            return _failed(f"the process that runs LiteLLM ended with code {child.returncode}")
        finally:
            if child.returncode is None:
                with suppress(ProcessLookupError):
                    child.kill()
                await child.wait()

    def _redacted(self, result: dict[str, Any], given: Mapping[str, str]) -> Tried:
        error, text = (
            allowed_variables.masked(result.get("error"), given),
            allowed_variables.masked(result.get("text"), given),
        )
        if error and "status" in result:
            error = plain(result["status"], error, environ=self._environ)
        return _tried(result["ok"], result["ms"], error, text, tokens=result.get("tokens"))


def _failed(error: str) -> dict[str, Any]:
    """What the child process would have written."""
    return {"ok": False, "ms": None, "error": error}


def _tried(
    ok: bool, ms: float | None = None, error: str | None = None, text: str | None = None, *, tokens: Any = None
) -> Tried:
    return {"ok": ok, "ms": ms, "error": error, "text": text, "tokens": tokens, "where": WHERE}
