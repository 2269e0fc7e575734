"""Runs inside the environment of a LiteLLM that is tried: boots its proxy and says what it registered.

`python -m modelctl.trial.probe FD`, on a copy of this file and of narrow.py that lies in the working folder: nothing
but these, the standard library and LiteLLM is imported. Standard input holds one line of JSON,
`{"litellm": [name, ...], "general": [name, ...]}`, and is then kept open: when it closes, the parent is gone, and this
process ends. The socket FD listens already. The descriptor that is named in MODELCTL_TRIAL_OUT gets lines of JSON:
`{"stage": ...}` and in the end `{"registered": ...}`, `{"broken": ...}` (LiteLLM cannot be imported),
`{"strange": ...}` (it runs, and this does not understand it), or
`{"failed": ...}`, then a `{"culprit": ...}` for each part of the config that stops the start, as far as they are
found, and `{"searched": {"tries", "seconds", "over"}}`; `over`: there was no time for more.
"""

from __future__ import annotations

import asyncio
import inspect
import itertools
import json
import os
import re
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.metadata import version
from types import ModuleType
from typing import Any

from modelctl.trial.narrow import Bounded, Culprit, Refusal, culprits

_LOOPBACK = re.compile(r"127\.\d+\.\d+\.\d+|::1|localhost|0\.0\.0\.0|")
_LONGEST = 2000
Tell = Callable[[dict[str, Any]], None]


def main() -> None:
    out = os.fdopen(int(os.environ.pop("MODELCTL_TRIAL_OUT")), "w")
    wanted = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    sys.addaudithook(_stay_here)

    def tell(value: dict[str, Any]) -> None:
        out.write(json.dumps(value, default=str) + "\n")
        out.flush()

    _run(wanted, tell)
    os._exit(1)  # LiteLLM's threads have nothing more to say


def _run(wanted: dict[str, list[str]], tell: Tell) -> None:
    tell({"stage": "importing LiteLLM"})
    try:
        proxy_server = import_module("litellm.proxy.proxy_server")
    except BaseException as error:
        return tell({"broken": _words(error)})
    try:
        result = asyncio.run(_serve(int(sys.argv[1]), proxy_server, wanted, tell))
    except BaseException as error:  # SystemExit is how LiteLLM leaves for some settings
        result = {"failed": _words(error)}
    tell(result)
    if "failed" in result:
        search = Bounded(_refusal(proxy_server, tell))
        for culprit in _culprits(search):
            tell({"culprit": {"path": culprit.path, "message": culprit.message[:_LONGEST]}})
        tell({"searched": {"tries": search.tries, "seconds": round(search.spent), "over": search.over}})


def _end_with_parent() -> None:
    while os.read(0, 65536):
        pass
    os._exit(0)


def _stay_here(event: str, arguments: tuple[Any, ...]) -> None:
    """No provider, database or telemetry is reached from here, whatever the config says."""
    if event == "socket.connect":
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else ""
    elif event == "socket.getaddrinfo":
        host = arguments[0] or ""
    else:
        return
    host = host.decode("ascii", "replace") if isinstance(host, bytes) else str(host)
    if not _LOOPBACK.fullmatch(host):
        raise ConnectionRefusedError(f"modelctl upgrade: nothing but loopback may be reached, and not {host}")


async def _serve(fd: int, proxy_server: ModuleType, wanted: dict[str, list[str]], tell: Tell) -> dict[str, Any]:
    import uvicorn  # of the environment that is tried: what it lacks is an answer, and no traceback

    tell({"stage": "booting"})
    config = uvicorn.Config(proxy_server.app, loop="asyncio", log_level="warning", access_log=False)
    server = uvicorn.Server(config)
    task = asyncio.ensure_future(server.serve(sockets=[socket.socket(fileno=fd)]))
    while not server.started and not task.done():
        await asyncio.sleep(0.05)
    if task.done():
        task.result()
        return {"failed": "LiteLLM ended while it booted"}
    try:
        tell({"registered": _registered(import_module("litellm"), proxy_server, wanted)})
    except Exception as error:
        return {"strange": _words(error)}
    await task
    return {"stage": "ended"}


# -- what stops a start ------------------------------------------------------------------------


def _culprits(search: Bounded) -> Iterator[Culprit]:
    with open(os.environ["CONFIG_FILE_PATH"]) as file:
        return culprits(json.load(file), search)


def _refusal(proxy_server: ModuleType, tell: Tell) -> Refusal:
    """A part of the config is loaded as the start loads it, in this process, which has LiteLLM at hand."""
    path, numbers = os.environ["CONFIG_FILE_PATH"], itertools.count(1)

    def refusal(part: dict[str, Any]) -> str | None:
        tell({"stage": f"looking for what stops it: try {next(numbers)}"})
        with open(path, "w") as file:
            json.dump(part, file)
        try:
            asyncio.run(proxy_server.ProxyConfig().load_config(router=None, config_file_path=path))
        except BaseException as error:
            return _words(error)
        return None

    return refusal


# -- what was registered -----------------------------------------------------------------------


def _registered(litellm: ModuleType, proxy_server: ModuleType, wanted: dict[str, list[str]]) -> dict[str, Any]:
    router = proxy_server.llm_router
    return {
        "litellm": version("litellm"),
        "python": sys.version.split()[0],
        "deployments": [_deployment(router, entry) for entry in _entries(router)],
        "router": _router_settings(litellm, router),
        "litellm_settings": {name: _plain(getattr(litellm, name, None)) for name in wanted["litellm"]},
        "general_settings": {name: _plain(proxy_server.general_settings.get(name)) for name in wanted["general"]},
    }


def _entries(router: Any) -> list[Any]:
    return [] if router is None else router.get_model_list() or []


def _deployment(router: Any, entry: Any) -> dict[str, Any]:
    entry = entry if isinstance(entry, dict) else entry.model_dump()
    params, info = dict(entry["litellm_params"]), dict(entry.get("model_info") or {})
    known: dict[str, Any] = {}
    try:
        known = dict(router.get_deployment_model_info(model_id=info.get("id"), model_name=params["model"]) or {})
    except Exception:
        known = {}
    return {
        "group": entry["model_name"],
        "id": str(info.get("id")),
        "params": {name: _plain(value) for name, value in params.items() if value is not None},
        "info": {name: _plain(value) for name, value in info.items() if value is not None},
        "known": {name: _plain(value) for name, value in known.items() if value is not None},
    }


def _router_settings(litellm: ModuleType, router: Any) -> dict[str, Any]:
    """The settings in effect: by the public snapshot where there is one (since 1.109), else the attributes."""
    if router is None:
        return {}
    names = [name for name in inspect.signature(litellm.Router.__init__).parameters if not name.startswith("_")]
    snapshot = {}
    if callable(getattr(router, "settings", None)):
        snapshot = dict(router.settings().as_dict())
    found = {}
    for name in names:
        if name in ("self", "model_list"):
            continue
        value = snapshot[name] if name in snapshot else getattr(router, name, None)
        found[name] = _plain(value)
    return found


def _plain(value: object, depth: int = 0) -> Any:
    """As JSON says it; an object of LiteLLM's by its fields, else by its class."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if depth > 6:
        return "..."
    if isinstance(value, dict):
        return {str(key): _plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item, depth + 1) for item in value]
    if isinstance(value, (set, frozenset)):
        return sorted(str(item) for item in value)
    if hasattr(value, "model_dump"):
        return _plain(value.model_dump(exclude_none=True), depth + 1)
    return getattr(value, "value", None) or type(value).__name__


def _words(error: BaseException | None) -> str:
    """The message, and what caused it where it has none of its own."""
    while error is not None and not str(error).strip() and error.__cause__ is not None:
        error = error.__cause__
    return f"{type(error).__name__}: {error}"[:_LONGEST]


if __name__ == "__main__":
    main()
