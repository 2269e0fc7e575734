"""`drill`: who answers while a provider is down."""

from __future__ import annotations

from typing import Annotated

import typer

from modelctl.cli import drilling, options, output
from modelctl.cli.drilling import drills
from modelctl.errors import UsageError
from modelctl.plan.drill_text import drill_text


def drill(
    down: Annotated[
        list[str] | None,
        typer.Option("--down", help="A provider or model that fails; may be repeated. Default: each provider in turn."),
    ] = None,
    boot: Annotated[
        bool, typer.Option("--boot", help="Boot a LiteLLM with mocks, let them fail, and ask each route.")
    ] = False,
    wait: Annotated[
        float, typer.Option(help="Seconds that the LiteLLM may take to boot.", min=1, show_default=True)
    ] = 240.0,
    json: options.Json = False,
    *,
    catalog: options.Catalog = None,
    env: options.Env = None,
) -> None:
    """Say who answers for each route while a provider is down, and what apps lose by it."""
    if boot and not down:
        raise UsageError("what is down?", hint="--boot tries one outage: name it with --down")
    settings = options.resolved(catalog, env=env)
    made = drills(settings, down or ())
    if boot:
        made = [drilling.tried(settings, each, wait) for each in made]
    if json:
        output.data({"drills": [each.to_dict() for each in made], "ok": not any(each.silent for each in made)})
    else:
        output.out("\n\n".join(drill_text(each) for each in made))
    if any(each.silent for each in made):
        raise typer.Exit(1)


def add(app: typer.Typer) -> None:
    app.command()(drill)
