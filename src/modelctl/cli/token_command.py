"""`token`: who may do what at the control plane."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from modelctl.cli import options, output
from modelctl.errors import UsageError
from modelctl.system.state_folder import make_state
from modelctl.system.token_file import add_token, read_tokens, remove_token

Action = Annotated[Literal["add", "list", "remove"], typer.Argument(show_default=False)]
Name = Annotated[str | None, typer.Argument(help="Who holds it: the actor in the history.", show_default=False)]
Role = Annotated[str, typer.Option(help="read, worker, select, edit or admin; each may do what those before it may.")]


def token(
    action: Action,
    name: Name = None,
    role: Role = "select",
    state: options.State = None,
    *,
    catalog: options.Catalog = None,
    json: options.Json = False,
) -> None:
    """Give a name a token of one role, list who has one, or take it away; the server needs no restart."""
    settings = options.resolved(catalog, state)
    path = settings.token_file or settings.state / "tokens"
    if action == "list":
        return _list(path, json)
    if name is None:
        raise UsageError(f"`modelctl token {action}` needs a name", hint=f"modelctl token {action} NAME")
    if action == "remove":
        remove_token(path, name)
        return output.data({"name": name, "removed": True}) if json else output.out(f"`{name}` has no token any more")
    if path.parent == settings.state:
        make_state(settings.state)
    made = add_token(path, name, role)
    if json:
        return output.data({"name": name, "role": role, "token": made})
    output.out(made)
    output.say(f"the token of `{name}` ({role}), shown this once; {path} holds its digest alone")


def _list(path: Path, json: bool) -> None:
    holders = list(read_tokens(path).values()) if path.exists() else []
    if json:
        return output.data([{"name": holder.name, "role": holder.role} for holder in holders])
    output.table(("name", "role"), [(holder.name, holder.role) for holder in holders])


def add(app: typer.Typer) -> None:
    app.command()(token)
