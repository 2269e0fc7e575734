"""The upstream's own process: one Starlette app that speaks what providers speak, and remembers.

Any prefix may stand before a path (`/a/v1/chat/completions`), so that a test can tell bases apart.
Every answer says `model=<model asked> key=<key seen>;` - as often as the stream has pieces.
Started as `python -m support.upstream_app FD`.
"""

from __future__ import annotations

import asyncio
import json
import re
import socket
import sys
import time
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass, field, fields
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route


@dataclass
class Behaviour:
    """How a model behaves. Times are seconds: `delay` before the answer begins, `seconds` for the whole stream."""

    text: str | None = None
    delay: float = 0.0
    seconds: float = 0.0
    pieces: int = 3
    status: int = 200
    cut_after: int | None = None  # break the connection after so many pieces
    prompt: int = 5  # tokens, as the answer counts them
    completion: int = 7
    cached: int = 0  # of the prompt
    reasoning: int = 0  # of the completion
    tool: str | None = None  # call a tool with these arguments, instead of words
    headers: dict[str, str] = field(default_factory=dict)  # of good answers

    @property
    def usage(self) -> dict[str, Any]:
        """As chat completions put it."""
        told: dict[str, Any] = {"prompt_tokens": self.prompt, "completion_tokens": self.completion}
        if self.cached:
            told["prompt_tokens_details"] = {"cached_tokens": self.cached}
        if self.reasoning:
            told["completion_tokens_details"] = {"reasoning_tokens": self.reasoning}
        return {**told, "total_tokens": self.prompt + self.completion}

    @property
    def other_usage(self) -> dict[str, Any]:
        """As `/v1/messages` and `/v1/responses` do."""
        told: dict[str, Any] = {"input_tokens": self.prompt, "output_tokens": self.completion}
        if self.cached:
            told["input_tokens_details"] = {"cached_tokens": self.cached}
        if self.reasoning:
            told["output_tokens_details"] = {"reasoning_tokens": self.reasoning}
        return told


behaviours: dict[str, Behaviour] = {}
requests: deque[dict[str, Any]] = deque(maxlen=50_000)


@dataclass(frozen=True)
class Call:
    model: str
    key: str
    stream: bool
    behaviour: Behaviour

    @property
    def piece(self) -> str:
        return self.behaviour.text or f"model={self.model} key={self.key};"

    async def pieces(self) -> AsyncIterator[str]:
        count = self.behaviour.pieces
        for number in range(count):
            if number == self.behaviour.cut_after:
                raise ConnectionResetError("cut on demand")
            if self.behaviour.seconds and number:
                await asyncio.sleep(self.behaviour.seconds / max(1, count - 1))
            yield self.piece


def key_seen(request: Request) -> str:
    bearer = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
    others = (request.headers.get(name) for name in ("x-api-key", "api-key", "x-goog-api-key"))
    return bearer or next(filter(None, others), "") or request.query_params.get("key", "")


def model_asked(path: str, body: dict[str, Any], raw: bytes = b"") -> str:
    in_path = re.search(r"/(?:models|deployments)/([^/:]+)", path)
    in_form = re.search(rb'name="model"\r\n(?:[^\r\n]+\r\n)*\r\n([^\r\n]+)', raw)
    return str(body.get("model") or (in_path and in_path[1]) or (in_form and in_form[1].decode()) or "")


async def answer(request: Request) -> Response:
    at, raw = time.time(), await request.body()
    body = json.loads(raw) if raw.startswith(b"{") else {}
    path = request.url.path
    model = model_asked(path, body, raw)
    requests.append(
        {
            "at": at,
            "path": path,
            "query": dict(request.query_params),
            "headers": dict(request.headers),
            "model": model,
            "body": body,
        }
    )
    behaviour = behaviours.get(model) or behaviours.get("*") or Behaviour()
    call = Call(model, key_seen(request), bool(body.get("stream")) or ":stream" in path, behaviour)
    if behaviour.delay:
        await asyncio.sleep(behaviour.delay)
    if behaviour.status != 200:
        error = {"message": f"{model} fails on demand", "type": "upstream_error", "code": str(behaviour.status)}
        return JSONResponse({"error": error}, behaviour.status)
    for ending, speak in ENDINGS.items():
        if path.endswith(ending):
            good = speak(call)
            good.headers.update(behaviour.headers)
            return good
    return JSONResponse({"error": {"message": f"nothing here: {path}"}}, 404)


def events(source: AsyncIterator[tuple[str | None, Any]]) -> StreamingResponse:
    """Server-sent events of (event name or None, JSON value or text)."""

    async def lines() -> AsyncIterator[str]:
        async for name, data in source:
            text = data if isinstance(data, str) else json.dumps(data)
            yield (f"event: {name}\n" if name else "") + f"data: {text}\n\n"

    return StreamingResponse(lines(), media_type="text/event-stream")


def tool_call(call: Call) -> dict[str, Any]:
    return {"id": "call_1", "type": "function", "function": {"name": "look", "arguments": call.behaviour.tool}}


def chat(call: Call) -> Response:
    head = {"id": "chatcmpl-1", "created": 1, "model": call.model}
    if not call.stream:
        message: dict[str, Any] = {"role": "assistant", "content": call.piece}
        if call.behaviour.tool is not None:
            message = {"role": "assistant", "content": None, "tool_calls": [tool_call(call)]}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        return JSONResponse({**head, "object": "chat.completion", "choices": [choice], "usage": call.behaviour.usage})

    async def chunks() -> AsyncIterator[tuple[None, Any]]:
        head["object"] = "chat.completion.chunk"
        async for piece in call.pieces():
            delta: dict[str, Any] = {"role": "assistant", "content": piece}
            if call.behaviour.tool is not None:
                delta = {"role": "assistant", "tool_calls": [{"index": 0, **tool_call(call)}]}
            yield None, {**head, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]}
            if call.behaviour.tool is not None:
                break
        yield (
            None,
            {**head, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], "usage": call.behaviour.usage},
        )
        yield None, "[DONE]"

    return events(chunks())


def completions(call: Call) -> Response:
    head = {"id": "cmpl-1", "created": 1, "model": call.model, "object": "text_completion"}
    if not call.stream:
        choice = {"index": 0, "text": call.piece, "finish_reason": "stop"}
        return JSONResponse({**head, "choices": [choice], "usage": call.behaviour.usage})

    async def chunks() -> AsyncIterator[tuple[None, Any]]:
        async for piece in call.pieces():
            yield None, {**head, "choices": [{"index": 0, "text": piece, "finish_reason": None}]}
        yield (
            None,
            {**head, "choices": [{"index": 0, "text": "", "finish_reason": "stop"}], "usage": call.behaviour.usage},
        )
        yield None, "[DONE]"

    return events(chunks())


def messages(call: Call) -> Response:
    usage = call.behaviour.other_usage
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": call.model, "stop_sequence": None}
    if not call.stream:
        content = [{"type": "text", "text": call.piece}]
        return JSONResponse({**message, "content": content, "stop_reason": "end_turn", "usage": usage})

    async def steps() -> AsyncIterator[tuple[str, Any]]:
        start = {**message, "content": [], "stop_reason": None, "usage": usage}
        yield "message_start", {"type": "message_start", "message": start}
        block = {"type": "text", "text": ""}
        yield "content_block_start", {"type": "content_block_start", "index": 0, "content_block": block}
        async for piece in call.pieces():
            delta = {"type": "text_delta", "text": piece}
            yield "content_block_delta", {"type": "content_block_delta", "index": 0, "delta": delta}
        yield "content_block_stop", {"type": "content_block_stop", "index": 0}
        end = {"stop_reason": "end_turn", "stop_sequence": None}
        yield "message_delta", {"type": "message_delta", "delta": end, "usage": usage}
        yield "message_stop", {"type": "message_stop"}

    return events(steps())


def responses(call: Call) -> Response:
    def whole(text: str, status: str = "completed") -> dict[str, Any]:
        part = {"type": "output_text", "text": text, "annotations": []}
        item = {"id": "msg_1", "type": "message", "role": "assistant", "status": status, "content": [part]}
        usage = {**call.behaviour.other_usage, "total_tokens": call.behaviour.prompt + call.behaviour.completion}
        head = {"id": "resp_1", "object": "response", "created_at": 1, "model": call.model, "status": status}
        return {
            **head,
            "output": [item],
            "usage": usage,
            "parallel_tool_calls": True,
            "tools": [],
            "tool_choice": "auto",
        }

    if not call.stream:
        return JSONResponse(whole(call.piece))

    async def steps() -> AsyncIterator[tuple[str, Any]]:
        yield "response.created", {"type": "response.created", "response": {**whole("", "in_progress"), "output": []}}
        place = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
        text = ""
        async for piece in call.pieces():
            text += piece
            yield "response.output_text.delta", {"type": "response.output_text.delta", **place, "delta": piece}
        yield "response.output_text.done", {"type": "response.output_text.done", **place, "text": text}
        yield "response.completed", {"type": "response.completed", "response": whole(text)}

    return events(steps())


def embeddings(call: Call) -> Response:
    data = [{"object": "embedding", "index": 0, "embedding": [0.25, 0.5, 0.75]}]
    usage = {"prompt_tokens": call.behaviour.prompt, "total_tokens": call.behaviour.prompt}
    return JSONResponse({"object": "list", "model": call.model, "data": data, "usage": usage})


def images(call: Call) -> Response:
    return JSONResponse({"created": 1, "data": [{"b64_json": "aGVsbG8="}]})


def speech(call: Call) -> Response:
    return Response(b"ID3" + b"\0" * 400, media_type="audio/mpeg")


def transcription(call: Call) -> Response:
    return JSONResponse({"text": call.piece, "duration": 2.0, "usage": {"type": "duration", "seconds": 2}})


def rerank(call: Call) -> Response:
    """As Cohere does."""
    results = [{"index": 1, "relevance_score": 0.9}, {"index": 0, "relevance_score": 0.1}]
    return JSONResponse({"id": "r-1", "results": results, "meta": {"billed_units": {"search_units": 1}}})


ENDINGS = {
    "/images/generations": images,
    "/audio/speech": speech,
    "/audio/transcriptions": transcription,
    "/rerank": rerank,
    "/chat/completions": chat,
    "/completions": completions,
    "/messages": messages,
    "/responses": responses,
    "/embeddings": embeddings,
}


async def set_behaviour(request: Request) -> Response:
    """PUT {model: {field: value, ...} or null}; null, or an empty mapping, is the default again."""
    known = {field.name for field in fields(Behaviour)}
    for model, wish in (await request.json()).items():
        assert set(wish or {}) <= known, f"fields are {sorted(known)}"
        behaviours[model] = Behaviour(**(wish or {}))
    return JSONResponse({model: asdict(behaviour) for model, behaviour in behaviours.items()})


async def seen(request: Request) -> Response:
    """GET what was received so far; DELETE forgets it, and every behaviour with `?all=1`."""
    if request.method == "DELETE":
        requests.clear()
        if request.query_params.get("all"):
            behaviours.clear()
    return JSONResponse(list(requests))


app = Starlette(
    routes=[
        Route("/-/behaviour", set_behaviour, methods=["PUT"]),
        Route("/-/requests", seen, methods=["GET", "DELETE"]),
        Route("/{path:path}", answer, methods=["GET", "POST"]),
    ]
)


if __name__ == "__main__":
    # A connection that LiteLLM keeps for later is not closed under its next request.
    config = uvicorn.Config(
        app, log_level="warning", access_log=False, timeout_graceful_shutdown=1, timeout_keep_alive=3600
    )
    # Not uvicorn's own `fd`, which leaves Nagle's algorithm on: 40 ms an answer.
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=int(sys.argv[1]))])
