"""`init`: a project to begin with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from modelctl.cli import options, output
from modelctl.cli.scaffold import create
from modelctl.shipped import edited


def init(
    folder: Annotated[Path, typer.Argument(help="The project folder.", show_default="here")] = Path(),
    json: options.Json = False,
) -> None:
    """Begin a project: catalog, template, rendered config, .env.example. Writes over nothing."""
    made = create(folder)
    if json:
        return output.data({"wrote": made.wrote, "kept": made.kept})
    for name in made.wrote:
        output.out(f"wrote {name}")
    for name in made.kept:
        output.out(f"kept {name} as it is")
    if "catalog/" in made.wrote and (changed := edited()):
        output.say(f"note: copied as they stand in the checkout of modelctl, uncommitted: {', '.join(changed)}")
    output.say("next: `modelctl up`, or put your keys into .env first (see .env.example)")


def add(app: typer.Typer) -> None:
    app.command()(init)
