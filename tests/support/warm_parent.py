"""Imports modelctl once, and forks a process for each program that it is told to run (see `support/warm.py`).

One order a line, as JSON: a program to start, answered with its pid; or `ended` with a pid, answered with its exit
code, null while it runs.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import pkgutil
import runpy
import sys
from io import TextIOWrapper
from typing import Any

PACKAGES = ("cli", "control_plane", "api", "service", "supervisor", "store", "client_configs")


def load() -> None:
    """Everything that a control plane, a supervisor or a command imports."""
    for package in (importlib.import_module(f"modelctl.{name}") for name in PACKAGES):
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    gc.freeze()  # else a child's first collection touches, and copies, all of it


def arguments_of_a_child() -> list[str]:
    """It returns in each child, and never in the parent."""
    for line in sys.stdin:
        order = json.loads(line)
        if "ended" in order:
            answer = _ended(order["ended"])
        elif not (answer := os.fork()):
            return _begin(order)
        print(json.dumps(answer), flush=True)
    os._exit(0)


def _ended(child: int) -> int | None:
    pid, status = os.waitpid(child, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if pid else None


def _begin(order: dict[str, Any]) -> list[str]:
    """Become the process that was ordered: none of the parent's pipes, folder and environment is left."""
    os.setsid()
    os.umask(order["umask"])
    os.chdir(order["cwd"])
    os.environ.clear()
    os.environ.update(order["env"])
    for number, path in enumerate((os.devnull, order["out"], order["err"])):
        opened = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o666)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = os.fdopen(0, closefd=False)  # what the parent has read ahead is not for the child
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(write_through=bool(order["env"].get("PYTHONUNBUFFERED")))
    return list(order["arguments"])


if __name__ == "__main__":
    load()
    sys.argv = arguments_of_a_child()
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
