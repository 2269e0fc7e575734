"""`python resolved.py < jobs.json`: what LiteLLM makes of a config, down to what it would send; a process of its own.

Each config goes through LiteLLM's own loader, then one request is made for each entry, and caught where it leaves. So
references, credentials, variables of the environment and defaults are resolved by LiteLLM itself. Nothing is sent.
Input: a list of {config, env, asked}. Output for each: {entries, asked, passed_through, environment, refused}; `asked`
are names that are asked of the Router, each with what it tries one after the other, as every try fails.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

LONGEST_S = 30  # what waits for an answer that never comes has been sent by then
KEYS = ("authorization", "api-key", "x-api-key", "x-goog-api-key", "x-subscription-token")
OWN_HEADERS = ("x-", "helicone", "portkey", "http-referer", "cf-")
PLAIN = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_LOG": "CRITICAL", "LITELLM_MASTER_KEY": "sk-only-for-this",
    "AWS_MAX_ATTEMPTS": "1", "AWS_EC2_METADATA_DISABLED": "true", "NO_GCE_CHECK": "true",
}  # fmt: skip
WELL_KNOWN = (
    "OPENAI_API_KEY", "ANTHROPIC_API_KEY", "AZURE_API_KEY", "AZURE_OPENAI_API_KEY", "GROQ_API_KEY", "MISTRAL_API_KEY",
    "DEEPSEEK_API_KEY", "OPENROUTER_API_KEY", "GEMINI_API_KEY", "TOGETHERAI_API_KEY", "COHERE_API_KEY",
    "HOSTED_VLLM_API_KEY", "OLLAMA_API_KEY", "XAI_API_KEY", "FIREWORKS_AI_API_KEY", "PERPLEXITYAI_API_KEY",
)  # fmt: skip
"""What LiteLLM takes for an entry that says no key: all of them are set."""


def resolve(jobs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """All in one process, since importing LiteLLM takes 6 to 20 s."""
    done = subprocess.run(
        [sys.executable, __file__], input=json.dumps(jobs), env={**_system(), **PLAIN},
        capture_output=True, text=True, check=False, timeout=280,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def _system() -> dict[str, str]:
    return {
        name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "PYTHONPATH", "LANG", "TMPDIR")
    }


def main() -> None:
    out = sys.stdout
    with contextlib.redirect_stdout(sys.stderr):
        found = asyncio.run(_all(json.load(sys.stdin)))
    json.dump(found, out, default=str)


async def _all(jobs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    import litellm
    from litellm.proxy import proxy_server

    litellm.suppress_debug_info = True
    litellm.disable_aiohttp_transport = True
    litellm.telemetry = False
    proxy_server.run_ollama_serve = lambda: None
    return [await _one(litellm, proxy_server, **each) for each in jobs]


async def _one(
    litellm: Any, proxy_server: Any, config: dict[str, Any], env: dict[str, str], asked: list[str]
) -> dict[str, Any]:
    before = dict(os.environ)
    os.environ.update({name: f"global {name}" for name in WELL_KNOWN} | env)
    given = dict(os.environ)
    try:
        router = await _loaded(proxy_server, config)
        new = {name: value for name, value in os.environ.items() if given.get(name) != value}
        return {
            "entries": [await _sent(litellm, entry) for entry in router.model_list],
            "asked": {name: await _tried(router, name) for name in asked},
            "passed_through": await _passed_through(config),
            "environment": new,
        }
    except Exception as error:
        return {"refused": f"{type(error).__name__}: {error}"[:300]}
    finally:
        litellm.in_memory_llm_clients_cache.flush_cache()
        os.environ.clear()
        os.environ.update(before)


async def _loaded(proxy_server: Any, config: dict[str, Any]) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "config.yaml"
        path.write_text(json.dumps(config), encoding="utf-8")
        return (await proxy_server.ProxyConfig().load_config(router=None, config_file_path=str(path)))[0]


async def _passed_through(config: dict[str, Any]) -> list[Any]:
    from litellm.proxy.pass_through_endpoints.pass_through_endpoints import set_env_variables_in_header

    endpoints = (config.get("general_settings") or {}).get("pass_through_endpoints") or []
    return [
        [each.get("path"), await set_env_variables_in_header(dict(each.get("headers") or {}))] for each in endpoints
    ]


async def _sent(litellm: Any, entry: dict[str, Any]) -> list[Any]:
    """Group, address, keys and further headers, and the model that is asked for."""
    params = {key: value for key, value in entry["litellm_params"].items() if value is not None}
    kept = {key: params[key] for key in params if key not in ("rpm", "tpm", "weight", "order", "tags", "max_retries")}
    mode = (entry.get("model_info") or {}).get("mode") or (litellm.model_cost.get(params["model"]) or {}).get("mode")
    with _caught() as seen, contextlib.suppress(Exception):
        async with asyncio.timeout(LONGEST_S):
            if mode == "embedding":
                await litellm.aembedding(**kept, input=["hi"], max_retries=0)
            else:
                await litellm.acompletion(**kept, messages=[{"role": "user", "content": "hi"}], max_retries=0)
    return [entry["model_name"], *(seen[0] if seen else ["nothing was sent", _stated(params)])]


async def _tried(router: Any, name: str) -> list[list[Any]]:
    router.disable_cooldowns = True
    with _caught() as seen, contextlib.suppress(Exception):
        async with asyncio.timeout(LONGEST_S):
            await router.acompletion(model=name, messages=[{"role": "user", "content": "hi"}], num_retries=0)
    return seen


def _stated(params: dict[str, Any]) -> dict[str, Any]:
    return {
        key: value for key, value in params.items() if key in ("model", "api_base", "api_key", "custom_llm_provider")
    }


@contextlib.contextmanager
def _caught() -> Iterator[list[list[Any]]]:
    """Requests as httpx would send them; no socket connects."""
    import httpx

    seen: list[list[Any]] = []

    async def later(transport: Any, request: httpx.Request) -> httpx.Response:
        return now(transport, request)

    def now(transport: Any, request: httpx.Request) -> httpx.Response:
        seen.append(_of_request(request))
        raise httpx.ConnectError("caught", request=request)

    def refused(*_: Any) -> None:
        raise ConnectionRefusedError

    names = (httpx.AsyncHTTPTransport, "handle_async_request"), (httpx.HTTPTransport, "handle_request")
    kept = [(owner, name, getattr(owner, name)) for owner, name in (*names, (socket.socket, "connect"))]
    httpx.AsyncHTTPTransport.handle_async_request = later  # type: ignore[method-assign]
    httpx.HTTPTransport.handle_request = now  # type: ignore[method-assign]
    socket.socket.connect = refused  # type: ignore[assignment, method-assign]
    try:
        yield seen
    finally:
        for owner, name, value in kept:
            setattr(owner, name, value)


def _of_request(request: Any) -> list[Any]:
    headers = {name: value for name, value in request.headers.items() if name in KEYS or name.startswith(OWN_HEADERS)}
    headers = {name: value for name, value in headers.items() if not name.startswith("x-stainless")}
    with contextlib.suppress(ValueError, AttributeError):
        return [str(request.url), headers, json.loads(request.content).get("model")]
    return [str(request.url), headers, None]


if __name__ == "__main__":
    main()
