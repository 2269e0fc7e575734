"""Config files through LiteLLM's own loader, in this process: `outcomes` asks for them in one of its own.

Each line of the output: what the loader raised (empty: nothing), and what is there afterwards.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

KNOWN = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LITELLM_MASTER_KEY": "sk-only-for-this-test",
    "SET": "redis://x",
    "CYBERARK_API_KEY": "x",
}
LONGEST_S = 20
_MARK = "OUTCOME\t"


@dataclass(frozen=True)
class Outcome:
    """`there`: the names of what LiteLLM has after the start, by section."""

    raised: str
    there: dict[str, list[str]]


def outcomes(files: Iterable[Path], folder: Path) -> dict[Path, Outcome]:
    """Of each file, in one process, since importing LiteLLM takes 6 to 20 s."""
    paths = list(files)
    command = [sys.executable, __file__, *map(str, paths)]
    done = subprocess.run(
        command, env={**os.environ, **KNOWN}, cwd=folder, capture_output=True, text=True, timeout=280, check=False
    )
    lines = [line.removeprefix(_MARK) for line in done.stdout.splitlines() if line.startswith(_MARK)]
    assert len(lines) == len(paths), done.stderr[-2000:]
    return {path: Outcome(**json.loads(line)) for path, line in zip(paths, lines, strict=True)}


def main() -> None:
    from litellm.proxy.proxy_server import ProxyConfig

    for path in sys.argv[1:]:
        _forget()
        raised, router = _load(path, ProxyConfig())
        models = [each["model_name"] for each in router.model_list] if router else []
        found = {"raised": raised, "there": {**_there(), "models": models, "router_settings": _of_router(router)}}
        print(f"\n{_MARK}{json.dumps(found)}", flush=True)


class _Late(BaseException):
    """Out of what LiteLLM waits for."""


def _load(path: str, loader: Any) -> tuple[str, Any]:
    """One that waits for ever must not take the time of all: LONGEST_S, then it counts as late."""
    signal.signal(signal.SIGALRM, _late)
    signal.alarm(LONGEST_S)
    try:
        router, *_ = asyncio.run(loader.load_config(router=None, config_file_path=path))
    except _Late:
        return f"late: after {LONGEST_S} s", None
    except (Exception, SystemExit) as error:
        return f"{type(error).__name__}: {error}".replace("\n", " ")[:300], None
    finally:
        signal.alarm(0)
    return "", router


def _late(*_: Any) -> None:
    raise _Late


def _of_router(router: Any) -> list[str]:
    return [f"{name}={getattr(router, name, None)}" for name in ("num_retries", "allowed_fails", "max_fallbacks")]


def _forget() -> None:
    """What the config before has left behind."""
    import litellm
    from litellm.proxy._experimental.mcp_server.mcp_server_manager import global_mcp_server_manager
    from litellm.proxy.agent_endpoints.agent_registry import global_agent_registry
    from litellm.proxy.guardrails.guardrail_registry import IN_MEMORY_GUARDRAIL_HANDLER
    from litellm.proxy.policy_engine.attachment_registry import get_attachment_registry
    from litellm.proxy.prompts.prompt_registry import IN_MEMORY_PROMPT_REGISTRY
    from litellm.proxy.proxy_server import proxy_logging_obj

    global_agent_registry.reset_agent_list()
    global_mcp_server_manager.config_mcp_servers.clear()
    proxy_logging_obj.alert_to_webhook_url = proxy_logging_obj.slack_alerting_instance.alert_to_webhook_url = None
    IN_MEMORY_GUARDRAIL_HANDLER.IN_MEMORY_GUARDRAILS.clear()
    IN_MEMORY_PROMPT_REGISTRY.IN_MEMORY_PROMPTS.clear()
    get_attachment_registry().load_attachments([])
    litellm.vector_store_registry = None
    litellm.secret_manager_client = None
    litellm.callbacks = []
    litellm.callback_settings = {}
    litellm.tag_budget_config = None
    litellm.cache = None
    litellm.num_retries = None


def _there() -> dict[str, list[str]]:
    import litellm
    from litellm.proxy.agent_endpoints.agent_registry import global_agent_registry
    from litellm.proxy.guardrails.guardrail_registry import IN_MEMORY_GUARDRAIL_HANDLER
    from litellm.proxy.policy_engine.attachment_registry import get_attachment_registry
    from litellm.proxy.prompts.prompt_registry import IN_MEMORY_PROMPT_REGISTRY
    from litellm.sandbox.sandbox_tools import resolve_sandbox_tool

    stores = litellm.vector_store_registry.vector_stores if litellm.vector_store_registry else []
    return {
        "agents": [each.agent_name for each in global_agent_registry.agent_list],
        "guardrails": [str(each["guardrail_name"]) for each in IN_MEMORY_GUARDRAIL_HANDLER.list_in_memory_guardrails()],
        "prompts": list(IN_MEMORY_PROMPT_REGISTRY.IN_MEMORY_PROMPTS),
        "policy_attachments": [each.model_dump_json() for each in get_attachment_registry().get_all_attachments()],
        "sandbox_tools": [name for name in ("box", "bare") if resolve_sandbox_tool(name)],
        "vector_store_registry": [str(each["vector_store_id"]) for each in stores],
    }


if __name__ == "__main__":
    main()
