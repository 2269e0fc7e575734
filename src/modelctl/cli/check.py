"""`check`: every mistake at once, for people and for other programs; and what has one right answer mended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Literal

import typer

from modelctl import report
from modelctl.cli import options
from modelctl.errors import Problem, errors_in
from modelctl.settings import Settings, cache_folder, environment, load_dotenv, need_catalog

Format = Annotated[
    Literal["text", "json", "github", "sarif"], typer.Option("--format", help="How to print the problems.")
]
_UNSET = "unset-reference"
_ROUNDS = 5  # what one mistake hid, the next round mends


@dataclass(frozen=True)
class _Checked:
    """What was found, in how many files, and (where somebody mends) their paths."""

    problems: list[Problem]
    files: int


def check(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Catalog folders, or LiteLLM config files.", show_default=False)
    ] = None,
    catalog: options.Catalog = None,
    env: options.Env = None,
    format: Format = "text",
    json: options.Json = False,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings are a failure too.")] = False,
    env_required: Annotated[
        bool, typer.Option("--env-required", help="A reference to a variable that is not set is an error.")
    ] = False,
    fix: Annotated[bool, typer.Option("--fix", help="Mend what has exactly one right answer.")] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Show what --fix would change, and change nothing.")] = False,
) -> None:
    """Find every mistake in the catalog (or in a LiteLLM config file), before anything runs."""
    settings = options.resolved(next(iter(paths or ()), catalog), env=env)
    load_dotenv(settings)
    found = _all(paths or [settings.catalog], env)
    if fix or diff:
        from modelctl.cli.mend import mend

        for _ in range(_ROUNDS):
            if not mend(found.problems, settings.root, write=fix and not diff):
                break
            found = _all(paths or [settings.catalog], env)
    problems = _required(found.problems) if env_required else found.problems
    _show(problems, found.files, "json" if json else format, settings.root)
    if errors_in(problems) or (strict and any(each.severity == "warning" for each in problems)):
        raise typer.Exit(1)


def _required(problems: Sequence[Problem]) -> list[Problem]:
    return [replace(each, severity="error") if each.rule == _UNSET else each for each in problems]


def _show(problems: list[Problem], files: int, format: str, root: Path) -> None:
    if format == "text":
        report.problems(problems, root)
        report.out(f"{report.count(problems) or 'no problems'} in {files} file{'' if files == 1 else 's'}")
    elif format == "json":
        errors = errors_in(problems)
        summary = {"files": files, "errors": len(errors), "ok": not errors}
        report.data({"problems": [each.to_dict() for each in problems], **summary})
    else:
        from modelctl import formats

        if format == "sarif":
            return report.data(formats.sarif(problems))
        for line in formats.github(problems):
            report.out(line)


def _all(paths: Sequence[Path], env: str | None) -> _Checked:
    checked = [_checked(path, environment(), env) for path in paths]
    return _Checked([each for one in checked for each in one.problems], sum(one.files for one in checked))


def _checked(path: Path, environ: Mapping[str, str], env: str | None) -> _Checked:
    return _file(path, environ) if path.is_file() else _catalog(options.resolved(path, env=env), environ)


def _catalog(settings: Settings, environ: Mapping[str, str]) -> _Checked:
    from modelctl.pipeline import Builder

    folder = need_catalog(settings)
    builder = Builder(folder, cache=cache_folder(), environ=environ, environment=settings.environment)
    return _Checked(builder.build().problems, len(builder.files()))


def _file(path: Path, environ: Mapping[str, str]) -> _Checked:
    from datetime import UTC, datetime

    from modelctl.configfile.check import check_config

    problems, read = check_config(path, datetime.now(UTC).date(), environ)
    return _Checked(problems, len(read.files))


def add(app: typer.Typer) -> None:
    app.command()(check)
