"""The application and the one handler above all commands."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from importlib import import_module
from typing import Annotated, Any

import typer

from modelctl import __version__
from modelctl.collector import collector_paused
from modelctl.errors import ModelctlError

BUG = 3
INTERRUPTED = 130
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
_OFTEN = {"check": "check", "explain": "rules", "render": "catalog", "list": "catalog"}


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


def main(argv: list[str] | None = None) -> Any:
    """Exit codes: 0 yes, 1 no, 2 usage, 3 our bug, 4 server not reached, 130 interrupted."""
    from modelctl import report

    try:
        given = sys.argv[1:] if argv is None else argv
        command = next(iter(given), None)
        with collector_paused() if command in _OFTEN else nullcontext():  # over before collecting would be worth it
            application(command)(args=argv, prog_name="modelctl")
    except ModelctlError as error:
        report.failure(error)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
    except BrokenPipeError:
        _hush()
        sys.exit(1)
    except Exception as error:
        report.say(f"this is a bug in modelctl: {type(error).__name__}. Its details are in {_keep_traceback()}")
        sys.exit(BUG)


def _hush() -> None:
    """Who read our output went away: nothing more can be told, not even at exit."""
    import os

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _keep_traceback() -> str:
    """Into the state folder, else a temporary file: never onto the terminal."""
    import tempfile
    import traceback

    from modelctl import settings

    text = f"modelctl {__version__}, {' '.join(sys.argv[1:2])}\n{traceback.format_exc()}"
    try:
        path = settings.resolve().state / "bug.log"
        settings.write_private(path, text)
        return str(path)
    except Exception:
        with tempfile.NamedTemporaryFile("w", prefix="modelctl-bug-", suffix=".log", delete=False) as file:
            file.write(text)
        return file.name
