"""`plan` shows what a change means; `apply` publishes exactly what was reviewed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from modelctl.cli import api_client, options, output
from modelctl.cli.built import built
from modelctl.errors import ModelctlError
from modelctl.plan import plan_change
from modelctl.plan.against import of_answer, of_file, of_folder, of_revision
from modelctl.plan.plan_text import markdown, text
from modelctl.project import Settings
from modelctl.state.desired import DesiredState

Against = Annotated[
    str | None,
    typer.Option(
        help="A rendered config, another catalog folder, git:REVISION, or the URL of a control plane. "
        "Default: litellm_config.yaml.",
        show_default=False,
    ),
]
Format = Annotated[Literal["text", "json", "markdown"], typer.Option("--format", help="How to print the plan.")]
ASK_S = 2.0  # seconds to wait for usage, which a plan can do without


def plan(
    against: Against = None,
    format: Format = "text",
    json: options.Json = False,
    force: options.Force = False,
    *,
    catalog: options.Catalog = None,
    env: options.Env = None,
) -> None:
    """Say what the catalog would change: routes, models, prices, fallbacks, and whether it needs a restart."""
    settings = options.resolved(catalog, env=env)
    after = built(settings).sound("the catalog has errors, so there is nothing to plan")
    made = plan_change(_other_side(settings, against, after), after, _week(settings, against))
    if json or format == "json":
        output.data(made.to_dict())
    else:
        output.out(markdown(made) if format == "markdown" else text(made))
    if made.refusals and not force:
        raise typer.Exit(1)


def _week(settings: Settings, against: str | None) -> dict[str, dict[str, float]]:
    """Tokens of the last week by the name that was asked for, as this project's control plane counted them."""
    path = "/usage?group_by=route&from=7d"
    try:
        if against and against.startswith(("http://", "https://")):
            found = api_client.get(options.resolved(settings.catalog, server=against), path)
        else:
            found = api_client.ours(settings, path, ASK_S)
    except ModelctlError:
        return {}
    return {str(row["route"]): row for row in found["rows"]}


def _other_side(settings: Settings, against: str | None, after: DesiredState) -> DesiredState | None:
    if against and against.startswith(("http://", "https://")):
        return of_answer(api_client.get(options.resolved(settings.catalog, server=against), "/desired"))
    if against and against.startswith("git:"):
        return of_revision(settings.catalog, against.removeprefix("git:"), settings.environment)
    path = Path(against) if against else settings.rendered
    if path.is_dir():
        return of_folder(path, settings.environment)
    if path.is_file():
        return of_file(path, after, settings.template)
    if against:
        raise ModelctlError(f"there is nothing at {path}", hint="a config, a catalog folder, git:HEAD, or a URL")
    return None


def add(app: typer.Typer) -> None:
    app.command()(plan)
