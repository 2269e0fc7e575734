"""`init`: a project to begin with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from modelctl import report
from modelctl.cli import options


def init(
    folder: Annotated[Path, typer.Argument(help="The project folder.", show_default="here")] = Path(),
    json: options.Json = False,
) -> None:
    """Begin a project: catalog, template, rendered config, .env.example. Writes over nothing."""
    from modelctl.scaffold import create
    from modelctl.shipped import edited

    made = create(folder)
    if json:
        return report.data({"wrote": made.wrote, "kept": made.kept})
    for name in made.wrote:
        report.out(f"wrote {name}")
    for name in made.kept:
        report.out(f"kept {name} as it is")
    if "catalog/" in made.wrote and (changed := edited()):
        report.say(f"note: copied as they stand in the checkout of modelctl, uncommitted: {', '.join(changed)}")
    report.say("next: `modelctl up`, or put your keys into .env first (see .env.example)")


def add(app: typer.Typer) -> None:
    app.command()(init)
