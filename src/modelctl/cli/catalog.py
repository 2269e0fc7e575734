"""`check`, `render`, `list`: from the catalog alone, no server needed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from modelctl import report
from modelctl.cli import options
from modelctl.errors import CheckFailed, ModelctlError, Problem, errors_in
from modelctl.settings import Settings, cache_folder, environment, load_dotenv, need_catalog

if TYPE_CHECKING:
    from modelctl.pipeline import Build

Format = Annotated[Literal["text", "json"], typer.Option("--format", help="How to print the problems.")]


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
) -> None:
    """Find every mistake in the catalog (or in a LiteLLM config file), before anything runs."""
    settings = options.resolved(next(iter(paths or ()), catalog), env=env)
    load_dotenv(settings)
    checked = [_checked(path, environment(), env) for path in paths or [settings.catalog]]
    problems, files = [each for found, _ in checked for each in found], sum(files for _, files in checked)
    if env_required:
        problems = [replace(each, severity="error") if each.rule == _UNSET else each for each in problems]
    errors = errors_in(problems)
    if json or format == "json":
        summary = {"files": files, "errors": len(errors), "ok": not errors}
        report.data({"problems": [each.to_dict() for each in problems], **summary})
    else:
        report.problems(problems, settings.root)
        report.out(f"{report.count(problems) or 'no problems'} in {files} file{'' if files == 1 else 's'}")
    if errors or (strict and any(each.severity == "warning" for each in problems)):
        raise typer.Exit(1)


_UNSET = "unset-reference"


def _checked(path: Path, environ: Mapping[str, str], env: str | None) -> tuple[list[Problem], int]:
    if path.is_file():
        return _checked_file(path, environ)
    return _checked_catalog(options.resolved(path, env=env), environ)


def _checked_catalog(settings: Settings, environ: Mapping[str, str]) -> tuple[list[Problem], int]:
    from modelctl.pipeline import Builder

    folder = need_catalog(settings)
    builder = Builder(folder, cache=cache_folder(), environ=environ, environment=settings.environment)
    return builder.build().problems, len(builder.files())


def _checked_file(path: Path, environ: Mapping[str, str]) -> tuple[list[Problem], int]:
    from datetime import UTC, datetime

    from modelctl.configfile.check import check_config

    problems, read = check_config(path, datetime.now(UTC).date(), environ)
    return problems, len(read.files)


def render(
    check: Annotated[bool, typer.Option("--check", help="Only say whether the file is what it should be.")] = False,
    stdout: Annotated[bool, typer.Option("--stdout", help="Print it instead of writing the file.")] = False,
    catalog: options.Catalog = None,
    env: options.Env = None,
) -> None:
    """Write litellm_config.yaml from the catalog (with --env NAME, litellm_config.NAME.yaml)."""
    settings = options.resolved(catalog, env=env)
    text = rendered(settings)
    if stdout:
        print(text, end="")
        return
    path = settings.rendered
    old = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else None
    if check and old != text:
        raise ModelctlError(f"{path.name} is not what the catalog says", hint="modelctl render")
    if old == text:
        return report.say(f"{path.name} is up to date")
    write(path, text)
    report.say(f"wrote {path}")


def rendered(settings: Settings) -> str:
    """The text of the config. Raises CheckFailed when the catalog has errors."""
    from modelctl.render import render as to_text

    build, _ = _build(settings)
    if build.desired is None:
        found = errors_in(build.problems)
        report.problems(build.problems, settings.root, _stderr())
        raise CheckFailed(f"{report.count(found)} in the catalog; nothing was written")
    return to_text(build.desired, settings.template)


def write(path: Path, text: str) -> None:
    """In one step, so that nobody ever reads half of it."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.write_text(text, encoding="utf-8")
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise ModelctlError(f"cannot write {path}: {error.strerror or error}") from error


def list_(
    provider: Annotated[str | None, typer.Argument(help="Only this provider's.", show_default=False)] = None,
    catalog: options.Catalog = None,
    env: options.Env = None,
    json: options.Json = False,
) -> None:
    """List the models of the catalog."""
    settings = options.resolved(catalog, env=env)
    build, _ = _build(settings)
    if build.desired is None:
        report.problems(build.problems, settings.root, _stderr())
        raise CheckFailed("the catalog has errors")
    from modelctl.service import views

    providers = [each for each in views.catalog(build.desired, ()) if provider in (None, each["id"])]
    if provider and not providers:
        from modelctl.service.find import unknown

        raise unknown("provider", provider, [each.id for each in build.desired.providers])
    if json:
        return report.data(providers)
    rows = [_row(model) for each in providers for model in each["models"]]
    report.table(("provider", "model", "public name", "context", "in $/1M", "out $/1M", "remarks"), rows)


def _row(model: dict[str, Any]) -> tuple[object, ...]:
    price = model["price"]
    remarks = model["reason"] or ", ".join(model["tags"])
    name = "" if model["public_name"] == model["id"] else model["public_name"]
    return (
        model["provider"],
        model["id"],
        name,
        model["context_window"],
        price.get("input"),
        price.get("output"),
        remarks,
    )


def _build(settings: Settings) -> tuple[Build, int]:
    from modelctl.pipeline import Builder

    builder = Builder(need_catalog(settings), cache=cache_folder(), environment=settings.environment)
    build = builder.build()
    return build, len(builder.files())


def _stderr() -> Any:
    import sys

    return sys.stderr


def add(app: typer.Typer) -> None:
    app.command()(check)
    app.command()(render)
    app.command("list")(list_)
