"""`upgrade`: what another LiteLLM would do with this config, found by trying it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from modelctl.cli import options, output
from modelctl.cli.screen import screen
from modelctl.cli.sigterm import ended_in_order
from modelctl.errors import UsageError
from modelctl.project import cache_folder, environment
from modelctl.trial.environments import candidate
from modelctl.trial.findings import TrialComparison
from modelctl.trial.install import environment_with
from modelctl.trial.run_both import try_both
from modelctl.trial.trial_config import TrialConfig, of_catalog, of_file
from modelctl.trial.trial_text import markdown, text

Format = Annotated[Literal["text", "json", "markdown"], typer.Option("--format", help="How to print the report.")]


def upgrade(
    file: Annotated[
        Path | None, typer.Argument(help="A LiteLLM config file; without one, the catalog.", show_default=False)
    ] = None,
    to: Annotated[
        str | None,
        typer.Option(help="The other LiteLLM: a line (1.110) or a release; pip installs it.", show_default=False),
    ] = None,
    python: Annotated[
        str | None,
        typer.Option(help="The interpreter of an environment that has the other LiteLLM.", show_default=False),
    ] = None,
    present: Annotated[
        str, typer.Option(help="The interpreter of the LiteLLM that runs now. Default: this one.", show_default=False)
    ] = sys.executable,
    *,
    wait: Annotated[
        float, typer.Option(help="Seconds that a LiteLLM may take to boot.", min=1, show_default=True)
    ] = 240.0,
    format: Format = "text",
    json: options.Json = False,
    catalog: options.Catalog = None,
    env: options.Env = None,
) -> None:
    """Boot the present LiteLLM and another one on this config, ask both the same, and say what differs.

    No provider is called, no key is used, and nothing of a running proxy is touched. Exit 1 where something is lost.
    """
    if (to is None) == (python is None):
        raise UsageError("which LiteLLM?", hint="--to 1.110, or --python ENV/bin/python of an environment that has it")
    subject = _subject(file, catalog, env)
    shown = screen()
    try:
        with ended_in_order():
            now = candidate(present)
            other = python or str(environment_with(str(to), cache_folder(), environment(), shown.progress))
            made = try_both(subject, now, candidate(other), environment(), say=shown.progress, patience=wait)
    finally:
        shown.done()
    _show(made, "json" if json else format)
    if made.lost:
        raise typer.Exit(1)


def _subject(file: Path | None, catalog: Path | None, env: str | None) -> TrialConfig:
    return of_file(file) if file else of_catalog(options.resolved(catalog, env=env))


def _show(made: TrialComparison, format: str) -> None:
    if format == "json":
        output.data(made.to_dict())
    else:
        output.out(markdown(made) if format == "markdown" else text(made))


def add(app: typer.Typer) -> None:
    app.command()(upgrade)
