"""`check`: reports every mistake at once, to people and programs; `--fix` repairs those with one right answer."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from modelctl.cli import options
from modelctl.cli.checking import Check

Format = Annotated[
    Literal["text", "json", "github", "sarif"], typer.Option("--format", help="How to print the problems.")
]


def check(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Catalog folders, or LiteLLM config files.", show_default=False)
    ] = None,
    catalog: options.Catalog = None,
    env: options.Env = None,
    format: Format = "text",
    *,
    json: options.Json = False,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings are a failure too.")] = False,
    env_required: Annotated[
        bool, typer.Option("--env-required", help="A reference to a variable that is not set is an error.")
    ] = False,
    fix: Annotated[bool, typer.Option("--fix", help="Mend what has exactly one right answer.")] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Show what --fix would change, and change nothing.")] = False,
    litellm: Annotated[
        str | None, typer.Option("--litellm", help="A line of LiteLLM such as 1.110; else the one that is installed.")
    ] = None,
    drill: Annotated[
        bool, typer.Option("--drill", help="Also fail where a route has no answer while one provider is down.")
    ] = False,
) -> None:
    """Find every mistake in the catalog (or in a LiteLLM config file), before anything runs."""
    asked = Check(tuple(paths or ()), catalog, env, format, json, strict, env_required, fix, diff, litellm, drill)
    raise typer.Exit(asked.run())


def add(app: typer.Typer) -> None:
    app.command()(check)
