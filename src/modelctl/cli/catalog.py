"""`render`, `list`: from the catalog alone, no server needed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from modelctl import report
from modelctl.cli import options
from modelctl.errors import CheckFailed, ModelctlError, errors_in
from modelctl.settings import Settings, cache_folder, need_catalog

if TYPE_CHECKING:
    from modelctl.pipeline import Build


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
    app.command()(render)
    app.command("list")(list_)
