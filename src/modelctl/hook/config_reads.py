"""What LiteLLM reads and writes as its config, and who may ask before the worker is ready."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import Callable
from typing import Any

from modelctl.hook.log import log
from modelctl.state.router_config import RouterConfig

GATE_LIMIT = 15.0  # seconds that a request waits for the worker to catch up, at most


def answer_config_reads(proxy: Any, applied: Callable[[], RouterConfig]) -> None:
    """LiteLLM re-reads its config file in some thirty places and pushes parts of it live.

    From now on every such read gets a copy of what this worker has applied, so that no half-written or
    unreviewed file is ever read. References stay references: LiteLLM resolves them as always.
    """
    cached: tuple[RouterConfig | None, bytes] = (None, b"")

    async def get_config_from_file(config_file_path: str | None = None) -> Any:
        nonlocal cached
        if config_file_path is not None:
            proxy.user_config_file_path = config_file_path
        now = applied()
        if cached[0] != now:
            cached = (now, pickle.dumps(now.config()))
        return pickle.loads(cached[1])

    proxy.proxy_config._get_config_from_file = get_config_from_file


def refuse_config_writes(proxy: Any, where: str) -> None:
    """LiteLLM's own writer puts resolved secrets into the file; with a database it writes there instead."""
    original = proxy.proxy_config.save_config

    async def save_config(new_config: Any, include_env_vars: bool = False) -> None:
        in_database = proxy.general_settings.get("store_model_in_db") is True or proxy.store_model_in_db
        if proxy.prisma_client is not None and in_database:
            await original(new_config, include_env_vars)
            return
        raise proxy.HTTPException(409, {"error": f"modelctl keeps this proxy's configuration: change {where} instead"})

    proxy.proxy_config.save_config = save_config


def hold_requests(proxy: Any, until: asyncio.Event) -> None:
    """Let no request in before the worker runs the stored state; the gate removes itself."""
    app = proxy.app
    inner = app.middleware_stack or app.build_middleware_stack()

    async def gate(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "lifespan" and not until.is_set():
            try:
                async with asyncio.timeout(GATE_LIMIT):
                    await until.wait()
            except TimeoutError:
                log.error("serving before the stored state was reached (waited %g s)", GATE_LIMIT)
                until.set()
        if until.is_set() and app.middleware_stack is gate:
            app.middleware_stack = inner
        await inner(scope, receive, send)

    app.middleware_stack = gate
