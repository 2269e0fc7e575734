"""The application: every command, under one name."""

from __future__ import annotations

from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.models import CommandInfo

from modelctl import __version__

_MODULES = (
    "init_command", "check_command", "render_command", "list_command", "explain_command", "schema_command",
    "facts_command", "plan_command", "import_command", "process_commands", "route_commands", "ping_command",
    "compare_command", "usage_command", "client_command", "upgrade_command",
)  # fmt: skip
PANELS = {
    "Start": ("init", "up", "serve", "restart"),
    "Catalog": ("check", "explain", "list", "render", "import"),
    "Live": ("status", "current", "use", "rollback", "history", "usage", "ping", "compare", "refresh"),
    "Clients": ("client",),
    "CI": ("plan", "apply", "facts", "schema", "upgrade"),
}
"""What --help lists, in its order; a command that stands in none comes last, under `Further`."""
_SAME = {"switch": "use", "select": "use", "models": "list"}  # alias that people type -> command
_HELP = "A reviewed catalog of models for the LiteLLM proxy: checked, rendered, hot-reloaded, switched at run time."
_OFTEN = {
    "explain": "explain_command", "render": "render_command", "list": "list_command", "models": "list_command",
}  # fmt: skip


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
        cls=PlainGroup,
        help=_HELP,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        suggest_commands=True,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_root)
    for module in (_OFTEN[command],) if command in _OFTEN else _MODULES:
        import_module(f"modelctl.cli.{module}").add(app)
    _in_order(app)
    return app


def _in_order(app: typer.Typer) -> None:
    """Commands into their panels, and further names that --help does not list."""
    panels = {name: panel for panel, names in PANELS.items() for name in names}
    order = list(panels)
    commands = {_name(each): each for each in app.registered_commands}
    for name, command in commands.items():
        command.rich_help_panel, command.cls = panels.get(name, "Further"), PlainCommand
    app.registered_commands.sort(key=lambda each: order.index(_name(each)) if _name(each) in order else len(order))
    for other, name in _SAME.items():
        if (same := commands.get(name)) and same.callback:
            app.command(other, hidden=True, cls=PlainCommand)(same.callback)


def _name(command: CommandInfo) -> str:
    return command.name or str(getattr(command.callback, "__name__", ""))


class PlainCommand(TyperCommand):
    """A command whose help shows flags without a value."""

    def get_params(self, ctx: Any) -> list[Any]:
        return _plain_flags(super().get_params(ctx))


class PlainGroup(TyperGroup):
    """The same help for the program itself."""

    def get_params(self, ctx: Any) -> list[Any]:
        return _plain_flags(super().get_params(ctx))


def _plain_flags(found: list[Any]) -> list[Any]:
    for each in found:
        if getattr(each, "is_flag", False):
            each.metavar = ""
    return found
