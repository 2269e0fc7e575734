"""`compare`: one prompt to several models, side by side; asked of the control plane, which asks the proxy."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Annotated, Any

import typer
import yaml

from modelctl.cli import api_client, options, output
from modelctl.errors import UsageError

COLUMNS = ("model", "result", "first token", "total", "tokens in", "tokens out", "cost", "by")


def compare(
    models: Annotated[list[str], typer.Argument(help="Two to four public names.", show_default=False)],
    prompt: Annotated[str, typer.Option("--prompt", "-p", help="What to ask; - reads it from stdin.")],
    param: Annotated[
        list[str] | None, typer.Option(help="temperature=0.2, max_tokens=200, ...; may be repeated.")
    ] = None,
    timeout: Annotated[float, typer.Option(min=1, max=600, help="Seconds that each model has.")] = 120,
    *,
    json: options.Json = False,
    server: options.Server = None,
    catalog: options.Catalog = None,
    state: options.State = None,
) -> None:
    """Ask several models the same, and show answers, times, tokens and cost. No route is changed."""
    settings = options.resolved(catalog, state, server)
    asked = sys.stdin.read() if prompt == "-" else prompt
    body = {"models": models, "prompt": asked, "params": _params(param or ()), "timeout": timeout}
    results = _collect(api_client.lines(settings, "/compare", body, timeout))
    if json:
        output.data(list(results.values()))
    else:
        output.table(COLUMNS, [_row(result) for result in results.values()])
        for result in results.values():
            output.out(f"\n{result['model']}:\n{result['text'] or result['error'] or ''}")
    if any(result["error"] for result in results.values()):
        raise typer.Exit(1)


def _params(pairs: Iterable[str]) -> dict[str, Any]:
    """Values as YAML reads them: numbers are numbers, `[a, b]` is a list."""
    found = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name:
            raise UsageError(f"`{pair}` is no parameter", hint="write it as temperature=0.2")
        try:
            found[name] = yaml.safe_load(value)
        except yaml.YAMLError:
            found[name] = value
    return found


def _collect(events: Iterable[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Model -> its result. A stream without an end event is an error."""
    results: dict[str, dict[str, Any]] = {}
    for event in events:
        if event["event"] == "compare":
            results = {name: {"model": name, "text": "", "error": "the answer broke off"} for name in event["models"]}
        elif event["event"] == "delta":
            results[event["model"]]["text"] += event.get("text", "")
        elif event["event"] in ("done", "error", "stopped"):
            results[event["model"]] |= _end(event)
    return results


def _end(event: dict[str, Any]) -> dict[str, Any]:
    error = {"done": None, "error": event.get("message"), "stopped": "stopped"}[event["event"]]
    return {**{key: value for key, value in event.items() if key not in ("event", "message")}, "error": error}


def _row(one: dict[str, Any]) -> tuple[object, ...]:
    tokens, cost = one.get("tokens") or {}, one.get("cost") or {}
    usd = cost.get("usd")
    return (
        one["model"], "failed" if one["error"] else "ok", _ms(one.get("ttft_ms")), _ms(one.get("total_ms")),
        tokens.get("input"), tokens.get("output"), None if usd is None else f"${usd:.6f}", cost.get("source"),
    )  # fmt: skip


def _ms(value: float | None) -> str | None:
    return None if value is None else f"{value:.0f} ms"


def add(app: typer.Typer) -> None:
    app.command()(compare)
