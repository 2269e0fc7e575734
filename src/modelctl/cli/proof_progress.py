"""Follows a proof until it ends. It goes on without us: what runs it is the control plane."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from modelctl.cli import api_client, output, route_tables, screen
from modelctl.errors import Unreachable
from modelctl.project import Settings

EVERY_S = 1.0
PATIENCE = 60  # tries
LOOKED_BACK = 20  # lines of history in which its end is looked for


def follow(settings: Settings, selected: Mapping[str, Any]) -> bool:
    """Whether the route points to the model in the end. Ctrl-C leaves the proof running, and says how to stop it."""
    route, shown = str(selected["route"]), screen.screen()
    step = None
    try:
        while (proof := _running(settings, route)) is not None:
            text = f"{route_tables.proved(proof)}: {route_tables.compared(proof)}"
            if proof["step"] != step:
                step = proof["step"]
                shown.say(f"step {step} of {len(proof['steps'])}: {proof['share']:g} % to {proof['new']}")
            shown.progress(text)
            time.sleep(EVERY_S)
    except KeyboardInterrupt:
        stop, look = (f"`modelctl {command}{_of(route)}`" for command in ("rollback", "current"))
        output.say(f"the proof goes on; {stop} stops it, {look} shows it")
        raise
    finally:
        shown.done()
    return _ended(settings, route, int(selected["version"]))


def _of(route: str) -> str:
    return "" if route == "active" else f" --route {route}"


def _running(settings: Settings, route: str) -> dict[str, Any] | None:
    """Waits through a restart of the control plane, which begins the step anew. Raises Unreachable if it stays away."""
    for _ in range(PATIENCE):
        with suppress(Unreachable):
            found: dict[str, dict[str, Any] | None] = api_client.get(settings, "/models/current", route=route)
            return output.cleaned(found["proof"]) if found["proof"] else None
        time.sleep(EVERY_S)
    raise Unreachable(f"the control plane at {settings.server} is away; the proof goes on when it is back")


def _ended(settings: Settings, route: str, began: int) -> bool:
    """Tells how, from history; whether the last of it points the route at the model that was proved."""
    entries = api_client.get(settings, "/history", route=route, limit=LOOKED_BACK)
    since = [entry for entry in output.cleaned(entries) if entry["version"] >= began]
    new = since[-1]["after"] if since else None
    for entry in reversed(since[:-1]):
        output.out(f"{entry['action']}, {entry['actor']}: {entry['reason'] or '-'}")
    now = api_client.get(settings, "/models/current", route=route)
    output.show(route_tables.pointing(output.cleaned({**now, "reason": None})))
    return bool(now["target"] == new)
