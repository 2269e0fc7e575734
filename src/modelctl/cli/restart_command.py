"""`restart`: the workers of `up`, one by one."""

from __future__ import annotations

import os
import signal
from json import loads

import typer

from modelctl.cli import options, output
from modelctl.errors import ModelctlError


def restart(state: options.State = None, catalog: options.Catalog = None, json: options.Json = False) -> None:
    """Restart the LiteLLM workers of `up` one by one; the port answers all the while."""
    path = options.resolved(catalog, state).state / "up.json"
    try:
        pid = int(loads(path.read_text())["pid"])
        os.kill(pid, signal.SIGHUP)
    except (OSError, ValueError, KeyError) as error:
        raise ModelctlError("no `modelctl up` runs in this project", hint="modelctl up") from error
    if json:
        return output.data({"asked": pid})
    output.say("asked `modelctl up` to restart its workers; its terminal and `modelctl status` show how it goes")


def add(app: typer.Typer) -> None:
    app.command()(restart)
