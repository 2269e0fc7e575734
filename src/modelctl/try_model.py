"""`python -m modelctl.try_model`: one real request to one deployment, by LiteLLM, in a process of its own.

Reads `{"entry", "mode", "settings", "env_defaults", "timeout"}` from stdin (`entry` as it would stand in
`model_list`) and writes one line of JSON: `{"ok", "ms", "status", "error", "text", "tokens"}`. The
control plane never imports litellm, and a running proxy must not learn of a model that is not saved.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from typing import Any

ENOUGH_TOKENS = 64  # for models that refuse, or cannot end, an answer of one token
LONGEST = 200  # characters of the answer


def main() -> None:
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever LiteLLM prints is no answer
    task = json.load(sys.stdin)
    for name, value in task["env_defaults"].items():
        os.environ.setdefault(name, value)
    print(json.dumps(asyncio.run(_tried(task))), file=answers, flush=True)
    os._exit(0)  # LiteLLM's threads have nothing more to say


async def _tried(task: dict[str, Any]) -> dict[str, Any]:
    import litellm  # for seconds: the task is read and the output is set up before

    for name, value in task["settings"].items():
        setattr(litellm, name, value)
    began = time.monotonic()
    try:
        router = litellm.Router(model_list=[task["entry"]], num_retries=0, disable_cooldowns=True)
        began = time.monotonic()
        async with asyncio.timeout(task["timeout"]):
            answer = await _ask(router, task["entry"]["model_name"], task["mode"])
    except TimeoutError:
        return _failed(began, 408, f"Timeout: no answer within {task['timeout']:g} s")
    except Exception as error:
        return _failed(began, getattr(error, "status_code", None) or 500, f"{type(error).__name__}: {error}")
    return {"ok": True, "ms": _ms(began), "status": 200, "error": None, **answer}


async def _ask(router: Any, group: str, mode: str | None) -> dict[str, Any]:
    if mode == "embedding":
        made = await router.aembedding(model=group, input=["ping"])
        return {"text": None, "tokens": _tokens(made)}
    messages = [{"role": "user", "content": "ping"}]
    try:
        made = await router.acompletion(model=group, messages=messages, max_tokens=1)
    except Exception as error:
        if getattr(error, "status_code", None) != 400 or "tokens" not in str(error):
            raise
        made = await router.acompletion(model=group, messages=messages, max_tokens=ENOUGH_TOKENS)
    return {"text": (made.choices[0].message.content or "")[:LONGEST], "tokens": _tokens(made)}


def _tokens(made: object) -> dict[str, int | None]:
    usage = getattr(made, "usage", None)
    return {"input": getattr(usage, "prompt_tokens", None), "output": getattr(usage, "completion_tokens", None)}


def _failed(began: float, status: int, message: str) -> dict[str, Any]:
    return {"ok": False, "ms": _ms(began), "status": status, "error": message, "text": None, "tokens": None}


def _ms(began: float) -> float:
    return round((time.monotonic() - began) * 1000, 1)


if __name__ == "__main__":
    main()
