"""`restart`: the workers of `up`, one by one."""

from __future__ import annotations

import os
import signal
import time
from json import loads
from pathlib import Path
from typing import Annotated, Any

import typer

from modelctl.cli import options, output, screen
from modelctl.errors import ModelctlError

LOOK_EVERY_S = 0.1


def restart(
    state: options.State = None,
    catalog: options.Catalog = None,
    *,
    wait: Annotated[bool, typer.Option(help="Wait until every worker is replaced, and show how it goes.")] = True,
    json: options.Json = False,
) -> None:
    """Restart the LiteLLM workers of `up` one by one; the port answers all the while.

    No request is lost: a new worker serves before the old one takes no more, and streams end whole (`up --drain`).
    """
    path = options.resolved(catalog, state).state / "up.json"
    note = _asked(path)
    if wait:
        after = _followed(path, note)
        failed = after["restart_failed"]
        if failed:
            raise ModelctlError(failed, hint=f"the workers' logs are in {path.parent}")
    if json:
        return output.data({"asked": note["pid"], "restarted": note["workers"] if wait else None})
    output.say("every worker was restarted" if wait else "asked `modelctl up` to restart its workers")


def _asked(path: Path) -> dict[str, Any]:
    """What `up` said of itself before it was asked."""
    try:
        note: dict[str, Any] = loads(path.read_text())
        os.kill(int(note["pid"]), signal.SIGHUP)
    except (OSError, ValueError, KeyError) as error:
        raise ModelctlError("no `modelctl up` runs in this project", hint="modelctl up") from error
    return note


def _followed(path: Path, before: dict[str, Any]) -> dict[str, Any]:
    """The note once the restart has ended; Ctrl-C ends the looking alone."""
    shown = screen.screen()
    try:
        while True:
            note: dict[str, Any] = loads(path.read_text())
            if note["pid"] != before["pid"] or note["restarts"] > before["restarts"]:
                return note
            shown.progress(_words(note.get("boots")))
            time.sleep(LOOK_EVERY_S)
    except OSError as error:
        raise ModelctlError("`modelctl up` ended before its workers were restarted", hint="modelctl up") from error
    finally:
        shown.done()


def _words(boots: dict[str, Any] | None) -> str:
    if boots is None:
        return "waiting for `modelctl up`"
    what = "boots" if boots["does"] == "boots" else "is ready; the old one finishes what it serves"
    return f"LiteLLM worker {boots['worker']} of {boots['of']} {what}: {time.time() - boots['since']:.0f} s"


def add(app: typer.Typer) -> None:
    app.command()(restart)
