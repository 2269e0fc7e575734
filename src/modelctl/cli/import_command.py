"""`import`: a hand-written LiteLLM config becomes a catalog."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from modelctl.cli import options, output
from modelctl.importer import Imported, bring_over
from modelctl.importer.replace_folder import place, ready

_TITLES = {
    "lost": "Lost: meant something, and a catalog cannot say it",
    "changed": "Changed: still means what was meant",
    "no-effect": "No effect: LiteLLM ignores or refuses it, so it is left out",
}
_MOST = 50  # fields shown per verdict; --json has all of them


def import_(
    config: Annotated[Path, typer.Argument(metavar="LITELLM_CONFIG", help="The config file that LiteLLM reads now.")],
    out: Annotated[Path, typer.Option(help="The catalog folder to write.", show_default=False)],
    force: Annotated[bool, typer.Option("--force", help="Replace the catalog that is there.")] = False,
    json: options.Json = False,
) -> None:
    """Write a catalog that means the same to LiteLLM as a config file, and say what became of each field."""
    ready(out, force=force)
    made = bring_over(config)
    place(made.files, out, force=force)
    if json:
        return output.data(_data(made, out))
    _text(made)
    output.out(f"{_count(made)}; wrote {len(made.files)} files to {out}")
    output.say(f"next: `modelctl check {out}`, then `modelctl plan --catalog {out} --against {config}`")


def _data(made: Imported, out: Path) -> dict[str, object]:
    return {
        "out": str(out),
        "files": list(made.files),
        "counts": made.counts,
        "fields": [field.to_dict() for field in made.fields],
        "variables": [{"name": variable.name, "for": variable.shown} for variable in made.variables],
        "notes": list(made.notes),
    }


def _text(made: Imported) -> None:
    for verdict, title in _TITLES.items():
        fields = made.having(verdict)  # type: ignore[arg-type]
        if fields:
            output.out(title)
        for field in fields[:_MOST]:
            place = f"{field.place}: " if field.place else ""
            output.out(f"  {place}{field.shown}: {field.reason}")
        if len(fields) > _MOST:
            output.out(f"  and {len(fields) - _MOST} more (--json has them all)")
        if fields:
            output.out()
    for note in made.notes:
        output.out(f"note: {note}")
    if made.variables:
        output.out(
            f"set in the environment (see .env.example): {', '.join(variable.name for variable in made.variables)}"
        )


def _count(made: Imported) -> str:
    words = {"exact": "exact", "changed": "changed", "lost": "lost", "no-effect": "without effect"}
    return ", ".join(f"{made.counts[verdict]} {word}" for verdict, word in words.items()) + " (fields)"


def add(app: typer.Typer) -> None:
    app.command("import")(import_)
