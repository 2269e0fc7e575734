"""Options that several commands share, and from them the settings."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from modelctl import settings
from modelctl.errors import Usage
from modelctl.settings import Settings

Catalog = Annotated[Path | None, typer.Option(help="The catalog folder. [env: MODELCTL_CATALOG]", show_default=False)]
State = Annotated[Path | None, typer.Option(help="The state folder. [env: MODELCTL_STATE]", show_default=False)]
Server = Annotated[
    str | None, typer.Option(help="Where the control plane listens. [env: MODELCTL_SERVER]", show_default=False)
]
Store = Annotated[
    str | None, typer.Option(help="Another store than the state folder. [env: MODELCTL_STORE]", show_default=False)
]
Env = Annotated[
    str | None,
    typer.Option("--env", help="An overlay: environments/<name>.yaml. [env: MODELCTL_ENV]", show_default=False),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Route = Annotated[str, typer.Option(help="The route that is meant.")]
Reason = Annotated[str | None, typer.Option(help="Why; it stands in the history.", show_default=False)]

_PART = re.compile(r"(\d+(?:\.\d+)?)\s*([smhdw])")
LONGEST_S = 366 * 24 * 3600.0  # what the control plane takes; a test holds the two together
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


def resolved(
    catalog: Path | None = None,
    state: Path | None = None,
    server: str | None = None,
    store: str | None = None,
    env: str | None = None,
) -> Settings:
    return settings.resolve(catalog, state, server, store, environment=env)


def seconds(text: str) -> float:
    """`90s`, `2h`, `1d12h`: how long. Raises Usage for anything else."""
    parts = _PART.findall(text.strip().lower())
    if not parts or "".join(number + unit for number, unit in parts) != re.sub(r"\s", "", text.strip().lower()):
        raise Usage(f"`{text}` is no duration", hint="write it as 90s, 15m, 2h or 1d12h")
    total = sum(float(number) * _SECONDS[unit] for number, unit in parts)
    if not 0 < total <= LONGEST_S:
        raise Usage(f"`{text}`: a duration is over 0 and at most {LONGEST_S / _SECONDS['d']:.0f}d")
    return total
