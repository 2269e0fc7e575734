"""`/usage`: what was asked of the models, how it went and what it cost, as JSON or CSV."""

from __future__ import annotations

import csv
import io
import time
from asyncio import to_thread
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from modelctl.api.replies import ReplyBody
from modelctl.api.request_bodies import MOST
from modelctl.service import Service, focus
from modelctl.service.usage_figures import COLUMNS, flat
from modelctl.service.usage_query import usage_answer
from modelctl.service.usage_question import UsageQuestion, read_question
from modelctl.service.usage_types import UsageAnswer
from modelctl.store.usage_store import UsageStore
from modelctl.usage.token_prices import Prices

router = APIRouter(tags=["usage"])
_CSV = "text/csv"
Text = Annotated[str | None, Query(max_length=MOST)]
Moment = "as 2026-11-27T12:00:00Z, seconds since 1970, or how long ago: 24h, 7d"


@router.get(
    "/usage",
    responses={200: {"model": UsageAnswer, "content": {_CSV: {"schema": {"type": "string"}}}}},
    summary="Requests, failures, tokens, cost and latency, by model, provider, route, deployment or worker",
)
async def read_usage(
    request: Request,
    group_by: Annotated[
        str, Query(max_length=MOST, description="some of model, provider, route, deployment, worker, tag")
    ] = "model",
    since: Annotated[
        str | None, Query(alias="from", max_length=MOST, description=f"the last 24 h without; {Moment}")
    ] = None,
    until: Annotated[str | None, Query(alias="to", max_length=MOST, description=f"now without; {Moment}")] = None,
    *,
    step: Annotated[
        str | None, Query(max_length=MOST, description="minute, hour, day, or such as 5m: a row each")
    ] = None,
    format: Annotated[
        Literal["json", "csv", "focus"] | None,
        Query(description="else by `Accept`; focus: CSV under FOCUS's column names, by provider, model, route and day"),
    ] = None,
    recost: Annotated[
        bool, Query(description="also what the tokens would cost at the prices that the catalog states now")
    ] = False,
) -> Response:
    """What was counted in LiteLLM's workers; modelctl's own requests are left out. `not_counted` are requests
    whose end LiteLLM never reported."""
    store: UsageStore = request.app.state.usage
    now = time.time()
    if format == "focus":
        group_by, step = ",".join(focus.BY), step or focus.STEP
    question = read_question(group_by, since, until, step, now=now)
    prices = await to_thread(_prices, request.app.state.service) if recost else None
    found = await to_thread(usage_answer, store, question, now, prices)
    headers = {"cache-control": "no-store", "vary": "accept"}
    if format == "focus":
        text = _focus(found, question, request.app.state.settings.root.name)
        return Response(text, 200, headers, f"{_CSV}; charset=utf-8")
    if format == "csv" or (format is None and _CSV in request.headers.get("accept", "")):
        return Response(_csv(found, question), 200, headers, f"{_CSV}; charset=utf-8")
    return Response(ReplyBody.of(found).plain, 200, headers, "application/json")


def _prices(service: Service) -> Prices:
    desired = service.snapshot().desired
    models = [model for provider in desired.providers for model in provider.models] if desired else []
    return {model.public_name: model.price for model in models}


def _focus(found: UsageAnswer, question: UsageQuestion, account: str) -> str:
    step = question.step or 0
    return _written(focus.COLUMNS, (focus.row(row, step, account) for row in found["rows"]))


def _csv(found: UsageAnswer, question: UsageQuestion) -> str:
    """A line for each row; unknown values are empty cells."""
    names = [*(["at"] if question.step is not None else []), *question.by, *COLUMNS]
    names += ["recost"] if "price_maps" in found else []
    return _written(names, map(flat, found["rows"]))


def _written(names: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, names, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
    return text.getvalue()


def _cell(value: Any) -> Any:
    """Quotes a name that a spreadsheet would run as a formula."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
