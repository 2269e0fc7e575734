"""The application: every command, under one name."""

from __future__ import annotations

from importlib import import_module
from typing import Annotated

import typer

from modelctl import __version__

_MODULES = (
    "start",
    "check",
    "catalog",
    "rules",
    "schema",
    "facts",
    "plan",
    "importing",
    "run",
    "live",
    "ping",
    "compare",
    "clients",
)  # in the order in which --help lists their commands
_HELP = "A reviewed catalog of models for the LiteLLM proxy: checked, rendered, hot-reloaded, switched at run time."
_OFTEN = {"explain": "rules", "render": "catalog", "list": "catalog"}


def _version(wanted: bool) -> None:
    if wanted:
        print(f"modelctl {__version__}")
        raise typer.Exit


def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


def application(command: str | None = None) -> typer.Typer:
    """The program; with the name of a command that is run often, that command alone (the others cost 0.1 s)."""
    app = typer.Typer(
        name="modelctl",
        help=_HELP,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        suggest_commands=True,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_root)
    for module in (_OFTEN[command],) if command in _OFTEN else _MODULES:
        import_module(f"modelctl.cli.{module}").add(app)
    return app
