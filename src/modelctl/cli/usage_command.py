"""`usage`: what was asked of the models, how it went and what it cost."""

from __future__ import annotations

import time
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

import typer

from modelctl.cli import api_client, options, output
from modelctl.text.times import clock

NUMBERS = ("requests", "ok", "in", "out", "cost $", "p50 s", "p95 s", "first")
_NUMBERS_WIDE = 62  # columns of the figures
_NARROWEST, _WIDEST = 8, 60  # characters of a name


class Format(StrEnum):
    CSV = "csv"
    FOCUS = "focus"


def usage(
    by: Annotated[
        str, typer.Option(help="Some of model, provider, route, deployment, worker, tag, with commas between.")
    ] = "model",
    since: Annotated[str, typer.Option(help="Since when: 24h, 7d, or a time such as 2026-11-27T12:00.")] = "24h",
    until: Annotated[str | None, typer.Option(help="End of the period; now by default.", show_default=False)] = None,
    step: Annotated[
        str | None, typer.Option(help="A row for each minute, hour, day, or such as 5m.", show_default=False)
    ] = None,
    *,
    recost: Annotated[
        bool, typer.Option("--recost", help="Also what it would cost at the prices that the catalog has now.")
    ] = False,
    format: Annotated[
        Format | None, typer.Option(help="csv; focus: CSV for cost tools, by the day.", show_default=False)
    ] = None,
    json: options.Json = False,
    server: options.Server = None,
    catalog: options.Catalog = None,
    state: options.State = None,
) -> None:
    """Show requests, success, tokens, cost and latency of the models, as the workers counted them."""
    settings = options.resolved(catalog, state, server)
    query = {"group_by": by, "from": since, "to": until, "step": step, "recost": "true" if recost else None}
    if format is not None:
        return output.raw(api_client.text(settings, "/usage", format=format.value, **query))
    answer = api_client.get(settings, "/usage", **query)
    if json:
        return output.data(answer)
    rows = output.cleaned(answer["rows"])
    if not rows:
        return output.out(f"nothing was counted since {answer['from']}")
    names = [*(["at"] if answer["step"] else []), *answer["group_by"]]
    taken = _NUMBERS_WIDE + 14 * bool(answer["step"]) + 10 * recost
    room = (output.width() - taken) // max(1, len(answer["group_by"]))
    numbers = (*NUMBERS, "recost $") if recost else NUMBERS
    output.table((*names, *numbers), [_row(row, names, room) for row in rows], right=numbers)
    _remarks(rows)
    if recost:
        output.say(f"note: costs were computed by {', '.join(answer['price_maps']) or 'a price map that is not kept'}")


def _row(row: dict[str, Any], names: list[str], room: int) -> tuple[object, ...]:
    latency, first = row["latency"] or {}, row["first_token"] or {}
    return (
        *(_when(row[name]) if name == "at" else _short(str(row[name]), room) for name in names),
        f"{row['requests']:,}", _percent(row["success_rate"]),
        _count(row["prompt_tokens"]), _count(row["completion_tokens"]), _cost(row),
        _seconds(latency.get("p50")), _seconds(latency.get("p95")), _seconds(first.get("p50")),
        *([_usd(row["recost"])] if "recost" in row else []),
    )  # fmt: skip


def _remarks(rows: list[dict[str, Any]]) -> None:
    """Notes on what the figures do not include."""
    unknown = sum(row["cost_unknown"] for row in rows)
    lost = sum(row["not_counted"] for row in rows)
    retried = sum(row["attempts"] for row in rows) - sum(row["requests"] - row["cached"] for row in rows)
    if unknown:
        output.say(f"note: `?` or `+`: LiteLLM knows no price for {unknown:,} calls; state one in the catalog")
    if retried > 0:
        output.say(f"note: {retried:,} further calls were retries and fallbacks")
    if lost:
        output.say(f"note: {lost:,} requests are not counted, because LiteLLM did not report their end")


def _when(text: str) -> str:
    return clock(datetime.fromisoformat(text).timestamp(), time.time())


def _short(name: str, room: int) -> str:
    most = min(max(room, _NARROWEST), _WIDEST)
    return name if len(name) <= most else f"{name[: most - 1]}…"


def _percent(share: float | None) -> str | None:
    """Never shows 100 % where something failed."""
    if share is None:
        return None
    return "100%" if share == 1 else f"{min(share, 0.999):.1%}"


def _count(number: int) -> str:
    """At most six characters."""
    for size, unit in ((10**9, "G"), (10**6, "M"), (10**4, "k")):
        if number >= size:
            return f"{number / (size if unit != 'k' else 1000):.1f}{unit}"
    return str(number)


def _cost(row: dict[str, Any]) -> str | None:
    """`?`: unknown; `+`: at least this much."""
    if row["cost"] is None:
        return "?"
    return _usd(row["cost"]) + ("+" if row["cost_unknown"] else "")


def _usd(cost: float | None) -> str:
    if cost is None:
        return "?"
    return f"{cost:,.2f}" if cost >= 1 or not cost else f"{cost:.2g}"


def _seconds(value: float | None) -> str | None:
    return None if value is None else f"{value:.2f}" if value < 10 else f"{value:.0f}"


def add(app: typer.Typer) -> None:
    app.command()(usage)
