"""`health`: which deployments LiteLLM avoids after failures, and the way to end that."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from modelctl.cli import api_client, options, output
from modelctl.cli.worker_tables import Row, cooling, limits
from modelctl.project import user


def health(
    clear: Annotated[
        str | None,
        typer.Option(
            metavar="MODEL", help="Let LiteLLM send requests to this model (or route's target) again, on every worker.",
            show_default=False, autocompletion=options.complete_both,
        ),
    ] = None,
    reason: options.Reason = None,
    json: options.Json = False,
    server: options.Server = None,
    *,
    catalog: options.Catalog = None,
    state: options.State = None,
) -> None:  # fmt: skip
    """Show which models LiteLLM avoids after failures, why and until when; and what rate limits leave."""
    settings = options.resolved(catalog, state, server)
    if clear is not None:
        answer = api_client.post(settings, "/health/clear", model=clear, reason=reason, actor=user())
        return output.data(answer) if json else _cleared(output.cleaned(answer))
    answer = api_client.get(settings, "/health")
    if json:
        return output.data(answer)
    _shown(output.cleaned(answer))


def _shown(answer: dict[str, Any]) -> None:
    rows = [(each["model"], cooling(each), f"{each['left_s']:.0f} s", each["worker"]) for each in answer["cooldowns"]]
    if rows:
        output.table(("model", "avoided for", "ends in", "worker"), rows, right=("ends in",))
    elif answer["workers"] > len(answer["untold"]):
        output.out(f"no model is avoided on {_workers(answer['workers'] - len(answer['untold']))}")
    elif not answer["workers"]:
        output.out("no worker runs")
    if answer["more"]:
        output.say(f"note: {answer['more']} more are not listed")
    if answer["untold"]:
        output.say(f"note: {_workers(len(answer['untold']))} cannot tell: {', '.join(answer['untold'])}")
    _limits(answer["limits"])


def _limits(found: Sequence[Row]) -> None:
    if found:
        now = time.time()
        rows = [(each["model"], limits(each), f"{now - each['at']:.0f} s ago", each["worker"]) for each in found]
        output.table(("model", "left of the limits", "said", "worker"), rows, right=("said",))


def _cleared(answer: dict[str, Any]) -> None:
    ended = [each for each in answer["workers"] if each["deployments"]]
    done = [each for each in answer["workers"] if each["deployments"] is not None]
    rest = f"; {_workers(len(done) - len(ended))} did not avoid it" if len(done) > len(ended) else ""
    output.out(f"cooldown of {answer['model']} ended on {_workers(len(ended))}{rest}")
    for each in answer["workers"]:
        if each["error"]:
            output.say(f"  {each['id']}: {each['error']}")
    if len(done) < len(answer["workers"]):
        raise typer.Exit(1)


def _workers(count: int) -> str:
    return f"{count} worker{'' if count == 1 else 's'}"


def add(app: typer.Typer) -> None:
    app.command()(health)
