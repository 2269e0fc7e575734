"""The application and the one handler above all commands."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from modelctl import __version__
from modelctl.errors import ModelctlError

BUG = 3
INTERRUPTED = 130

app = typer.Typer(
    name="modelctl",
    help="A reviewed catalog of models for the LiteLLM proxy: checked, rendered, hot-reloaded, switched at run time.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    suggest_commands=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"modelctl {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


def main(argv: list[str] | None = None) -> Any:
    """Exit codes: 0 yes, 1 no, 2 usage, 3 our bug, 4 server not reached, 130 interrupted."""
    from modelctl import report

    try:
        app(args=argv, prog_name="modelctl")
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


from modelctl.cli import (  # noqa: E402
    catalog,
    check,
    clients,
    compare,
    facts,
    importing,
    live,
    ping,
    plan,
    rules,
    run,
    schema,
    start,
)

for _module in (start, check, catalog, rules, schema, facts, plan, importing, run, live, ping, compare, clients):
    _module.add(app)
