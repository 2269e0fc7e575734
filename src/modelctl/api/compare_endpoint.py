"""`/compare`: one prompt to 1 to 4 models side by side, as a stream of lines; stopped by id or by going away."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field, model_validator
from starlette.responses import JSONResponse, Response, StreamingResponse

from modelctl import project
from modelctl.api.replies import now, ok
from modelctl.api.request_bodies import MOST, Held, RequestBody
from modelctl.errors import NotFound
from modelctl.service.comparison import (
    LONGEST_S,
    TIMEOUT_S,
    Compares,
    Comparison,
    ProxyAddress,
    Question,
    check_params,
    targets,
)
from modelctl.service.model_index import short
from modelctl.system.state_folder import master_key

router = APIRouter(tags=["compare"])
LINES = "application/x-ndjson"
MOST_MESSAGES = 100


class Message(RequestBody):
    role: Literal["system", "developer", "user", "assistant"]
    content: str | list[dict[str, Any]]


class CompareRequest(RequestBody):
    """`prompt` or `messages`; `params` shape the answer (temperature, max_tokens, ...); `timeout` in seconds."""

    models: list[Annotated[str, Field(max_length=MOST)]] = Field(min_length=1, max_length=20)
    prompt: str | None = None
    messages: list[Message] | None = Field(None, max_length=MOST_MESSAGES)
    params: dict[str, Any] | None = None
    timeout: float = Field(TIMEOUT_S, gt=0, le=LONGEST_S)

    @model_validator(mode="after")
    def _something_is_asked(self) -> CompareRequest:
        if (self.prompt is None) == (self.messages is None):
            raise ValueError("send `prompt` or `messages`")
        if not any(one["content"] for one in self.asked):
            raise ValueError("the prompt is empty")
        return self

    @property
    def asked(self) -> list[dict[str, Any]]:
        if self.messages is not None:
            return [{"role": message.role, "content": _content(message.content)} for message in self.messages]
        return [{"role": "user", "content": _content(self.prompt or "")}]


class Stop(RequestBody):
    """Which model to stop; without one, all."""

    model: str | None = Field(None, max_length=MOST)


class Stopped(BaseModel):
    id: str
    stopped: list[str]


class TokenCounts(BaseModel):
    input: int | None
    output: int | None


class Cost(BaseModel):
    usd: float | None
    source: Literal["litellm", "listed price", "unknown"]


class StreamLine(BaseModel):
    """One line of the stream; which keys there are depends on `event`. A blank line is only a sign of life.

    `compare` has id and models, `start` model, `delta` model and text (or reasoning), `done` model, ttft_ms,
    total_ms, tokens, cost, finish_reason and answered, `error` model, status and message, `stopped` model
    and total_ms; `end` is the last.
    """

    event: Literal["compare", "start", "delta", "done", "error", "stopped", "end"]
    id: str | None = None
    models: list[str] | None = None
    model: str | None = None
    text: str | None = None
    reasoning: str | None = None
    ttft_ms: float | None = None
    total_ms: float | None = None
    tokens: TokenCounts | None = None
    cost: Cost | None = None
    finish_reason: str | None = None
    answered: str | None = None
    status: int | None = None
    message: str | None = None


def _compares(request: Request) -> Compares:
    made: Compares = request.app.state.compares
    return made


Running = Annotated[Compares, Depends(_compares)]


class _Lines(StreamingResponse):
    media_type = LINES


@router.post(
    "/compare", response_class=_Lines, summary="One prompt to several models, as a stream of JSON lines",
    responses={
        200: {"description": "lines of JSON", "content": {LINES: {"schema": {"$ref": "#/components/schemas/Line"}}}},
        413: {"description": "the prompt is too large"}, 429: {"description": "too many comparisons at once"},
    },
)  # fmt: skip
async def compare(request: Request, service: Held, running: Running, body: CompareRequest) -> Response:
    """Spends money; never changes a route. Going away stops every request that is under way."""
    check_params(body.params or {})
    asked = targets((await now(service)).need(), body.models)
    state = request.app.state.settings.state
    proxy = ProxyAddress(project.proxy_url(state).rstrip("/").removesuffix("/v1"), master_key(state))
    question = Question(body.asked, body.params or {}, body.timeout)
    made = running.start(asked, question, proxy)
    headers = {"cache-control": "no-store", "x-accel-buffering": "no", "x-content-type-options": "nosniff"}
    return _Lines(_lines(made), headers=headers)


@router.post("/compare/{id}/stop", responses=ok(Stopped), summary="Stop one model of a comparison, or all")
async def stop(running: Running, id: str, body: Stop | None = None) -> Response:
    made = running.get(id)
    if made is None:
        raise NotFound(f"no comparison `{short(id)}` is running")
    model = body.model if body else None
    if model is not None and model not in made.asked:
        raise NotFound(f"`{short(model)}` is not in this comparison", hint=f"one of {', '.join(made.asked)}")
    return JSONResponse({"id": id, "stopped": made.stop(model)})


async def _lines(made: Comparison) -> AsyncIterator[str]:
    async with aclosing(made.events()) as events:
        async for event in events:
            yield "\n" if event is None else json.dumps(event) + "\n"


def _content(content: Any) -> Any:
    """Blank text counts as no text; half a surrogate pair cannot be sent."""
    text = content if isinstance(content, str) else json.dumps(content)
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("the prompt holds half a character (a lone surrogate)") from None
    return content if text.strip() and text != "[]" else ""
