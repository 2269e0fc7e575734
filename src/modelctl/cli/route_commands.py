"""`current`, `use`, `history`, `rollback`, `status`, `refresh`: asked of the control plane."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from modelctl.cli import api_client, options, output, proof_progress, route_tables, status_tables, worker_tables
from modelctl.errors import Problem
from modelctl.project import user


def current(
    route: options.Route = "active",
    json: options.Json = False,
    server: options.Server = None,
    catalog: options.Catalog = None,
    *,
    state: options.State = None,
) -> None:
    """Show which model a route points to now."""
    answer = api_client.get(options.resolved(catalog, state, server), "/models/current", route=route)
    if json:
        return output.data(answer)
    output.show(route_tables.pointing(output.cleaned(answer)))
    route_tables.warnings(output.cleaned(answer).get("warnings", ()))


def use(
    model: Annotated[
        str,
        typer.Argument(
            help="A public name, or a model's key.", show_default=False, autocompletion=options.complete_models
        ),
    ],
    route: options.Route = "active",
    provider: Annotated[str | None, typer.Option(help="Where several offer that key.", show_default=False)] = None,
    lasts: Annotated[
        str | None, typer.Option("--for", help="For how long: 90s, 2h, 1d12h.", show_default=False)
    ] = None,
    *,
    reason: options.Reason = None,
    force: Annotated[bool, typer.Option("--force", help="Override what the route requires; recorded.")] = False,
    pin: Annotated[bool, typer.Option("--pin", help="Keep it also when the catalog changes this route.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would happen.")] = False,
    share: Annotated[
        str | None, typer.Option(help="Only for so many of its sessions: 10%; the rest stays.", show_default=False)
    ] = None,
    prove: Annotated[
        str | None,
        typer.Option(help="Over so long (15m), step by step, while it does no worse.", show_default=False),
    ] = None,
    steps: Annotated[
        str | None, typer.Option(help="Its shares in percent: 5,25,100 without it.", show_default=False)
    ] = None,
    json: options.Json = False,
    server: options.Server = None,
    catalog: options.Catalog = None,
    state: options.State = None,
) -> None:
    """Point a route at a model, on every worker, now."""
    settings = options.resolved(catalog, state, server)
    body = {
        "model_id": model, "route": route, "provider": provider, "reason": reason, "actor": user(),
        "for": None if lasts is None else options.seconds(lasts),
        "force": force or None, "pin": pin or None, "dry_run": dry_run or None,
        "share": None if share is None else options.percent(share),
        "prove": None if prove is None else options.seconds(prove),
        "steps": None if steps is None else options.percents(steps),
    }  # fmt: skip
    answer = api_client.post(settings, "/models/select", **body)
    _moved(answer, json)
    if prove is not None and not (json or dry_run) and not proof_progress.follow(settings, answer):
        raise typer.Exit(1)


def rollback(
    route: options.Route = "active",
    reason: options.Reason = None,
    json: options.Json = False,
    server: options.Server = None,
    *,
    catalog: options.Catalog = None,
    state: options.State = None,
) -> None:
    """Take back the last `use` that is still in effect."""
    settings = options.resolved(catalog, state, server)
    _moved(api_client.post(settings, "/rollback", route=route, reason=reason, actor=user()), json)


def history(
    route: Annotated[
        str,
        typer.Option(help="One route, or * for all and what was published.", autocompletion=options.complete_routes),
    ] = "*",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many lines.")] = 20,
    json: options.Json = False,
    server: options.Server = None,
    *,
    catalog: options.Catalog = None,
    state: options.State = None,
) -> None:
    """Show who changed what, when and why; newest first."""
    entries = api_client.get(options.resolved(catalog, state, server), "/history", route=route, limit=limit)
    if json:
        return output.data(entries)
    route_tables.history(output.cleaned(entries))


def refresh(
    force: Annotated[bool, typer.Option("--force", help="Publish also when many models would vanish.")] = False,
    json: options.Json = False,
    server: options.Server = None,
    catalog: options.Catalog = None,
    *,
    state: options.State = None,
) -> None:
    """Read the catalog again now, and publish it if it is right."""
    settings = options.resolved(catalog, state, server)
    answer = api_client.post(settings, "/models/refresh", force=force or None, actor=user())
    if json:
        output.data(answer)
    else:
        output.problems([Problem(**problem) for problem in answer["problems"]], settings.root)
        live = "is published" if any(not worker["acked"] for worker in answer["workers"]) else "is live"
        output.out(f"{answer['result']}: revision {answer['revision'] or 'none'} {live}")
        worker_tables.running(output.cleaned(answer["workers"]))
    if answer["result"] == "refused":
        raise typer.Exit(1)


def status(
    json: options.Json = False,
    server: options.Server = None,
    catalog: options.Catalog = None,
    state: options.State = None,
) -> None:
    """Show what is published, where it runs, and what is wrong."""
    settings = options.resolved(catalog, state, server)
    answer = api_client.get(settings, "/status")
    if json:
        return output.data(answer)
    output.problems([Problem(**problem) for problem in answer["problems"]], settings.root)
    output.out(f"revision {answer['revision'] or 'none: nothing has been published'}")
    status_tables.agreement(output.cleaned(answer["agreement"]))
    if answer["source"]:
        status_tables.source(output.cleaned(answer["source"]))
    if answer["render"]["current"] is False:
        output.out(f"{settings.rendered.name} is behind the catalog; `modelctl render` writes it")
    for route in answer["routes"]:
        output.show(route_tables.pointing(output.cleaned({**route, "model_id": None})))
    status_tables.blocked(output.cleaned(answer["blocked"]))
    status_tables.budgets(output.cleaned(answer["budgets"]))
    status_tables.guards(output.cleaned(answer["guards"]))
    worker_tables.workers(output.cleaned(answer["workers"]))
    boots = (answer.get("supervisor") or {}).get("boots")
    if boots:
        what = "restarting" if boots["restart"] else "starting"
        output.out(f"{what}: LiteLLM worker {boots['worker']} of {boots['of']} {boots['does']}")


def _moved(answer: dict[str, Any], as_json: bool) -> None:
    return output.data(answer) if as_json else route_tables.moved(output.cleaned(answer))


def add(app: typer.Typer) -> None:
    for command in (current, use, history, rollback, status, refresh):
        app.command()(command)
