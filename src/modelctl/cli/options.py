"""Options that several commands share, what a shell completes of them, and from them the settings."""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal

import typer

from modelctl import project
from modelctl.errors import ModelctlError, UsageError
from modelctl.pipeline import Builder
from modelctl.project import Settings, cache_folder
from modelctl.state.desired import DesiredState
from modelctl.text import times
from modelctl.text.nearest import nearest


def complete_models(ctx: typer.Context, incomplete: str) -> list[str]:
    return beginning(_models(_catalog(ctx)), incomplete)


def complete_routes(ctx: typer.Context, incomplete: str) -> list[str]:
    return beginning(_routes(_catalog(ctx)), incomplete)


def complete_both(ctx: typer.Context, incomplete: str) -> list[str]:
    """The names that a request can use."""
    desired = _catalog(ctx)
    return beginning({*_routes(desired), *_models(desired)}, incomplete)


def beginning(names: Iterable[str], incomplete: str) -> list[str]:
    return sorted(name for name in names if name.startswith(incomplete))


def _catalog(ctx: typer.Context) -> DesiredState | None:
    """The catalog's last valid state from the build cache. Completion never shows an error."""
    try:
        found = resolved(ctx.params.get("catalog"))
        return Builder(found.catalog, cache=cache_folder(), environment=found.environment).build().desired
    except Exception:
        return None


def nearest_name(found: Settings, name: str) -> str | None:
    """The requestable name nearest to `name`; None where the catalog cannot be read."""
    try:
        desired = Builder(found.catalog, cache=cache_folder(), environment=found.environment).build().desired
    except ModelctlError:
        return None
    return nearest(name, {*_routes(desired), *_models(desired)})


def _models(desired: DesiredState | None) -> set[str]:
    providers = desired.providers if desired else ()
    models = [model for provider in providers for model in provider.models if model.rendered]
    return {model.public_name for model in models if "*" not in model.public_name}  # a pattern cannot be requested


def _routes(desired: DesiredState | None) -> set[str]:
    routes = desired.routes.values() if desired else ()
    return {name for route in routes for name in route.names}


Catalog = Annotated[Path | None, typer.Option(help=r"The catalog folder. \[env: MODELCTL_CATALOG]", show_default=False)]
State = Annotated[Path | None, typer.Option(help=r"The state folder. \[env: MODELCTL_STATE]", show_default=False)]
Server = Annotated[
    str | None, typer.Option(help=r"Where the control plane listens. \[env: MODELCTL_SERVER]", show_default=False)
]
Store = Annotated[
    str | None,
    typer.Option(
        help=r"Another store than the state folder, such as redis://HOST. \[env: MODELCTL_STORE]",
        show_default=False,
    ),
]
Env = Annotated[
    str | None,
    typer.Option("--env", help=r"An overlay: environments/<name>.yaml. \[env: MODELCTL_ENV]", show_default=False),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Host = Annotated[str, typer.Option(help="Where the control plane listens; other than loopback needs MODELCTL_TOKEN.")]
Port = Annotated[int, typer.Option(min=1, max=65535, help="The control plane's port.")]
Publish = Annotated[
    Literal["auto", "manual"], typer.Option(help="auto: a checked edit goes live by itself; manual: on `refresh`.")
]
TlsCert = Annotated[
    Path | None,
    typer.Option(help="Serve HTTPS with this certificate (PEM); a new one is taken up.", show_default=False),
]
TlsKey = Annotated[Path | None, typer.Option(help="The certificate's key.", show_default=False)]
Preflight = Annotated[
    bool | None,
    typer.Option(
        help="Start the installed LiteLLM on a revision, with mocks, before it goes live. On with --git.",
        show_default=False,
    ),
]
Force = Annotated[bool, typer.Option("--force", help="Also what is protected, and many removals; recorded.")]
Route = Annotated[str, typer.Option(help="The route that is meant.", autocompletion=complete_routes)]
Reason = Annotated[str | None, typer.Option(help="Why; it stands in the history.", show_default=False)]

LONGEST_S = 366 * 24 * 3600.0  # the control plane's limit; a test compares the two


def resolved(
    catalog: Path | None = None,
    state: Path | None = None,
    server: str | None = None,
    store: str | None = None,
    *,
    env: str | None = None,
) -> Settings:
    return project.resolve(catalog, state, server, store, environment=env)


def seconds(text: str) -> float:
    """`90s`, `2h`, `1d12h`: how long. Raises UsageError for anything else."""
    total = times.seconds(text)
    if total is None:
        raise UsageError(f"`{text}` is no duration", hint="write it as 90s, 15m, 2h or 1d12h")
    if not 0 < total <= LONGEST_S:
        raise UsageError(f"`{text}`: a duration is over 0 and at most {LONGEST_S / 86400:.0f}d")
    return total


def percents(text: str) -> list[float]:
    """`5,25,100`. Raises UsageError for anything else; which of them make sense says the control plane."""
    try:
        return [float(part.strip().removesuffix("%")) for part in text.split(",")]
    except ValueError as error:
        raise UsageError(f"`{text}` are no shares", hint="in percent and rising, such as 5,25,100") from error


def percent(text: str) -> float:
    """`10%` or `10`. Raises UsageError for anything else."""
    try:
        share = float(text.strip().removesuffix("%"))
    except ValueError:
        share = math.nan
    if not 0 < share < 100:
        raise UsageError(f"`{text}` is no share", hint="over 0 and under 100 percent, such as 10%")
    return share
