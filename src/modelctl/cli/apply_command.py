"""`apply`: publishing exactly what was reviewed."""

from __future__ import annotations

from typing import Annotated

import typer

from modelctl.cli import api_client, options, output
from modelctl.project import user


def apply(
    plan: Annotated[str, typer.Option(help="The digest of the plan that was reviewed.", show_default=False)],
    force: options.Force = False,
    json: options.Json = False,
    server: options.Server = None,
    *,
    catalog: options.Catalog = None,
    state: options.State = None,
) -> None:
    """Publish exactly the change that `modelctl plan --against URL` showed, and nothing else."""
    settings = options.resolved(catalog, state, server)
    answer = api_client.post(settings, "/apply", plan=plan, force=force or None, actor=user())
    if json:
        return output.data(answer)
    output.out(f"{answer['result']}: revision {answer['revision']} is live")


def add(app: typer.Typer) -> None:
    app.command()(apply)
