"""The application: a table of commands, of which the module of that one is imported which is run."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.models import CommandInfo

from modelctl import __version__

PANELS: dict[str, dict[str, str]] = {
    "Start": {
        "init": "Begin a project: catalog, template, rendered config, .env.example. Writes over nothing.",
        "up": "Run the control plane and LiteLLM, and keep both alive.",
        "serve": "Run the control plane alone, for LiteLLMs that others run with MODELCTL_STATE set.",
        "restart": "Restart the LiteLLM workers of `up` one by one; the port answers all the while.",
        "token": "Give a name a token of one role, list who has one, or take it away; the server needs no restart.",
    },
    "Catalog": {
        "check": "Find every mistake in the catalog (or in a LiteLLM config file), before anything runs.",
        "explain": "Print what a rule is about and how to mend what it finds; without RULE list them all.",
        "list": "List the models of the catalog: which can be used, and which the routes point to.",
        "render": "Write litellm_config.yaml from the catalog (with --env NAME, litellm_config.NAME.yaml).",
        "import": "Write a catalog that means the same to LiteLLM as a config file, and say what became of each field.",
    },
    "Live": {
        "status": "Show what is published, where it runs, and what is wrong.",
        "current": "Show which model a route points to now.",
        "use": "Point a route at a model, on every worker, now.",
        "rollback": "Take back the last `use` that is still in effect.",
        "block": "Take a model out of traffic, on every worker, now; routes go to their fallbacks.",
        "unblock": "Let a blocked model back into traffic.",
        "history": "Show who changed what, when and why; newest first.",
        "usage": "Show requests, success, tokens, cost and latency of the models, as the workers counted them.",
        "explain-request": "Say why a recent request went where it went: revision, selection, split, calls, fallbacks.",
        "health": "Show which models LiteLLM avoids after failures, why and until when; and what rate limits leave.",
        "ping": "Send each model a real request of one token through the proxy.",
        "compare": "Ask several models the same, and show answers, times, tokens and cost. No route is changed.",
        "refresh": "Read the catalog again now, and publish it if it is right.",
    },
    "Clients": {
        "client": "Print the configuration of another program, with routes, limits and prices filled in; never a key.",
    },
    "CI": {
        "plan": "Say what the catalog would change: routes, models, prices, fallbacks, and whether it needs a restart.",
        "drill": "Say who answers for each route while a provider is down, and what apps lose by it.",
        "apply": "Publish exactly the change that `modelctl plan --against URL` showed, and nothing else.",
        "facts": "Compare what the catalog states with LiteLLM's price map, and the map with a second price source.",
        "schema": "Print the JSON Schema of one kind of file, for editors; without NAME list the kinds.",
        "upgrade": "Boot the present LiteLLM and another one on this config, ask both the same, and say what differs.",
    },
}
"""What --help lists, in its order: the commands, with the first line of their help."""
_ROUTES = ("status", "current", "use", "rollback", "history", "refresh")  # together in one module
_SAME = {"switch": "use", "select": "use", "models": "list"}  # alias that people type -> command
_HELP = "A reviewed catalog of models for the LiteLLM proxy: checked, rendered, hot-reloaded, switched at run time."
_COMMANDS = {name: line for commands in PANELS.values() for name, line in commands.items()}


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


def named(words: Sequence[str]) -> str | None:
    """The command that a command line runs; None where it runs none of ours, or asks for the program's own help."""
    word = next((word for word in words if word != "--"), "")
    name = _SAME.get(word, word)
    return name if name in _COMMANDS else None


def application(command: str | None = None) -> typer.Typer:
    """The program; with the name of a command, what its module has, and nothing else is imported."""
    app = _program()
    for module in dict.fromkeys(map(_module, [command] if command else _COMMANDS)):
        import_module(f"modelctl.cli.{module}").add(app)
    _in_order(app)
    return app


def outline() -> typer.Typer:
    """The program as --help and a mistyped name need it: all commands by name and line, and none can be run."""
    app = _program()
    for name, line in _COMMANDS.items():
        app.command(name, help=line)(lambda: None)
    _in_order(app)
    return app


def _module(command: str) -> str:
    module = command.removeprefix("un").replace("-", "_")
    return "route_commands" if command in _ROUTES else f"{module}_command"


def _program() -> typer.Typer:
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
