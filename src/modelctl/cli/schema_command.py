"""`schema`: JSON Schema for editors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from modelctl.catalog import json_schema
from modelctl.cli import output
from modelctl.cli.written_file import write_file
from modelctl.errors import ModelctlError, NotFound


def schema(
    name: Annotated[
        str | None, typer.Argument(help="provider, model, routes, proxy, presets, litellm_config.", show_default=False)
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Write those of catalog files into this folder, as <name>.json.", show_default=False),
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="With --out: only say whether they are current.")] = False,
) -> None:
    """Print the JSON Schema of one kind of file, for editors; without NAME list the kinds."""
    if out is not None:
        return _write(out, check)
    if name is None:
        return output.out("\n".join(json_schema.names()))
    if name not in json_schema.names():
        raise NotFound(f"there is no schema `{name}`", hint=f"one of {', '.join(json_schema.names())}")
    print(_text(name), end="")


def _write(folder: Path, check: bool) -> None:
    for name in json_schema.of_catalog():
        path = folder / f"{name}.json"
        old = path.read_text(encoding="utf-8") if path.is_file() else None
        if old == _text(name):
            continue
        if check:
            raise ModelctlError(f"{path} is not current", hint=f"modelctl schema --out {folder}")
        folder.mkdir(parents=True, exist_ok=True)
        write_file(path, _text(name))
        output.say(f"wrote {path}")


def _text(name: str) -> str:
    return json.dumps(json_schema.make(name), indent=1, ensure_ascii=False) + "\n"


def add(app: typer.Typer) -> None:
    app.command()(schema)
