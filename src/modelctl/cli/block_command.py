"""`block` and `unblock`: a model that gets no request, and its way back."""

from __future__ import annotations

import time
from typing import Annotated, Any

import typer

from modelctl.cli import api_client, options, output, worker_tables
from modelctl.cli.output import paint
from modelctl.project import user
from modelctl.text.times import ahead

Model = Annotated[
    str,
    typer.Argument(help="A public name, or a model's key.", show_default=False, autocompletion=options.complete_models),
]


def block(
    model: Model,
    lasts: Annotated[
        str | None, typer.Option("--for", help="For how long: 90s, 2h, 1d12h.", show_default=False)
    ] = None,
    reason: options.Reason = None,
    provider: Annotated[str | None, typer.Option(help="Where several offer that key.", show_default=False)] = None,
    *,
    force: Annotated[
        bool, typer.Option("--force", help="Also where a route is left without an answer; recorded.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would happen.")] = False,
    json: options.Json = False,
    server: options.Server = None,
    catalog: options.Catalog = None,
    state: options.State = None,
) -> None:
    """Take a model out of traffic, on every worker, now; routes go to their fallbacks."""
    body = {
        "model_id": model, "provider": provider, "reason": reason, "actor": user(),
        "for": None if lasts is None else options.seconds(lasts), "force": force or None, "dry_run": dry_run or None,
    }  # fmt: skip
    answer = api_client.post(options.resolved(catalog, state, server), "/models/block", **body)
    if json:
        return output.data(answer)
    _show(output.cleaned(answer), "would be blocked" if answer.get("dry_run") else "is blocked")


def unblock(
    model: Model,
    reason: options.Reason = None,
    json: options.Json = False,
    server: options.Server = None,
    *,
    catalog: options.Catalog = None,
    state: options.State = None,
) -> None:
    """Let a blocked model back into traffic."""
    settings = options.resolved(catalog, state, server)
    answer = api_client.post(settings, "/models/unblock", model_id=model, reason=reason, actor=user())
    if json:
        return output.data(answer)
    _show(output.cleaned(answer), "takes requests again")


def _show(answer: dict[str, Any], what: str) -> None:
    one = answer["block"]
    already = ", as it was already" if answer.get("already") else ""
    until = f", ends {ahead(one['until'], time.time())}" if one["until"] and "blocked" in what else ""
    output.show(f"{paint('bold', one['model'])} {what}{already}{until}")
    for route in answer["routes"]:
        output.show(f"  {route['route']}: {route['before']} -> {paint('bold', route['after'])}")
    for name in answer["silent"]:
        output.show(paint("error", f"  {name}: no model is left, its requests are refused"))
    worker_tables.running(answer["workers"])


def add(app: typer.Typer) -> None:
    for command in (block, unblock):
        app.command()(command)
