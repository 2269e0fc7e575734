"""A way into a worker: tests run Python on its own event loop, to look at the live process and to provoke it.

`listen` is a worker start-up hook (LITELLM_WORKER_STARTUP_HOOKS) of the tests alone; `inside` is the
other end. The socket is in the folder that INSIDE names, under the worker's pid.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import textwrap
import traceback
from pathlib import Path
from typing import Any

from support.lines import modules
from support.proxy import Worker

TESTS = Path(__file__).parent.parent
HOOKS = "modelctl.hook:startup,support.in_worker:listen"
_servers: list[asyncio.Server] = []  # one that nobody holds is closed


def environment(folder: Path) -> dict[str, str]:
    """What a worker needs so that `inside` can reach it; `folder` exists and has a short path."""
    return {"INSIDE": str(folder), **modules(TESTS), "LITELLM_WORKER_STARTUP_HOOKS": HOOKS}


async def listen() -> None:
    path = Path(os.environ["INSIDE"]) / f"{os.getpid()}.sock"
    _servers.append(await asyncio.start_unix_server(_serve, path, limit=2**24))


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    asked = json.loads(await reader.read())
    try:
        answer = {"value": await _run(asked["source"], asked["values"])}
    except BaseException:
        answer = {"error": traceback.format_exc()}
    writer.write(json.dumps(answer, default=repr).encode())
    with contextlib.suppress(OSError):
        await writer.drain()
    writer.close()


async def _run(source: str, values: dict[str, Any]) -> Any:
    import litellm
    from litellm.proxy import proxy_server

    scope = {"asyncio": asyncio, "litellm": litellm, "proxy": proxy_server, "router": proxy_server.llm_router, **values}
    exec(f"async def asked():\n{textwrap.indent(textwrap.dedent(source), '    ')}", scope)
    return await scope["asked"]()


def inside(worker: Worker, source: str, *, timeout: float = 30.0, **values: Any) -> Any:
    """Run `source`, the body of an async function, in the worker and give back what it returns (as JSON).

    At hand are `proxy` (litellm.proxy.proxy_server), `router`, `litellm`, `asyncio` and `values`.
    """
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(timeout)
        line.connect(str(Path(worker.env["INSIDE"]) / f"{worker.pid}.sock"))
        line.sendall(json.dumps({"source": source, "values": values}).encode())
        line.shutdown(socket.SHUT_WR)
        answer = json.loads(b"".join(iter(lambda: line.recv(65536), b"")))
    if "error" in answer:
        raise AssertionError(f"inside worker {worker.number}:\n{answer['error']}")
    return answer["value"]
