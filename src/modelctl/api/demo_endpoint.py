"""`/demo/v1`: the upstream of the shipped `demo` model, in OpenAI's shape. No key, no network, always the same words.

LiteLLM asks it as it asks any other provider, so that each way in (chat, responses, messages, completions, embeddings)
answers on the first run, and streams where a stream is asked for.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import struct
import time
from asyncio import sleep
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from modelctl.project import DEMO_PATH

ANSWER = (
    "Hello from modelctl! Your request went through a real LiteLLM to the model `demo`, which the control plane "
    "answers itself, with no key and no network. Two things to try next. Add a model to catalog/providers/demo.yaml "
    "and save the file: it is live without a restart. Then put a provider's key into .env, run `modelctl restart` and "
    "`modelctl use <model>` (`modelctl list` shows the names): the very next request to `active` goes there."
)
WORDS = tuple(re.findall(r"\s*\S+", ANSWER))
EVERY_S = 0.02  # between two words of a stream
DIMENSIONS = 64
_CLOSE = {"connection": "close"}  # a connection kept open would break when the control plane restarts
router = APIRouter(prefix=DEMO_PATH, include_in_schema=False)


@dataclass(frozen=True)
class DemoAnswer:
    """What the words become for one request."""

    model: str
    words: tuple[str, ...]
    finish: str
    read: int  # words of the request, which stand for its tokens

    @property
    def usage(self) -> dict[str, int]:
        return {
            "prompt_tokens": self.read, "completion_tokens": len(self.words),
            "total_tokens": self.read + len(self.words),
        }  # fmt: skip

    def body(self, kind: str, **choice: Any) -> dict[str, Any]:
        head = {"id": "chatcmpl-demo", "object": kind, "created": int(time.time()), "model": self.model}
        return {**head, "choices": [{"index": 0, **choice}]}


@router.get("/models")
async def models() -> Response:
    return JSONResponse({"object": "list", "data": [{"id": "demo", "object": "model", "owned_by": "modelctl"}]})


@router.post("/chat/completions")
async def chat(request: Request) -> Response:
    asked = await _body(request)
    if asked is None:
        return _refusal()
    answer = _answer(asked)
    if asked.get("stream"):
        options = asked.get("stream_options")
        counted = isinstance(options, Mapping) and bool(options.get("include_usage"))
        return StreamingResponse(_events(answer, counted), media_type="text/event-stream", headers=_CLOSE)
    message = {"role": "assistant", "content": "".join(answer.words)}
    body = answer.body("chat.completion", message=message, finish_reason=answer.finish)
    return JSONResponse({**body, "usage": answer.usage}, headers=_CLOSE)


@router.post("/embeddings")
async def embeddings(request: Request) -> Response:
    asked = await _body(request)
    if asked is None:
        return _refusal()
    texts = _inputs(asked.get("input"))
    in_base64 = asked.get("encoding_format") == "base64"
    data = [
        {"object": "embedding", "index": number, "embedding": _vector(text, in_base64)}
        for number, text in enumerate(texts)
    ]
    read = sum(len(text.split()) for text in texts)
    usage = {"prompt_tokens": read, "total_tokens": read}
    return JSONResponse({"object": "list", "data": data, "model": _model(asked), "usage": usage}, headers=_CLOSE)


async def _events(answer: DemoAnswer, counted: bool) -> AsyncIterator[str]:
    """A word at a time, as a model writes."""
    for number, word in enumerate(answer.words):
        if number:
            await sleep(EVERY_S)
        delta = {"content": word} if number else {"role": "assistant", "content": word}
        yield _event(answer.body("chat.completion.chunk", delta=delta, finish_reason=None))
    yield _event(answer.body("chat.completion.chunk", delta={}, finish_reason=answer.finish))
    if counted:
        yield _event({**answer.body("chat.completion.chunk"), "choices": [], "usage": answer.usage})
    yield "data: [DONE]\n\n"


def _event(data: Mapping[str, Any]) -> str:
    return f"data: {json.dumps(data)}\n\n"


def _answer(asked: Mapping[str, Any]) -> DemoAnswer:
    limits = (asked.get(name) for name in ("max_completion_tokens", "max_tokens"))
    most = next((limit for limit in limits if isinstance(limit, int) and limit > 0), len(WORDS))
    words = WORDS[:most]
    read = len(json.dumps(asked.get("messages")).split())
    return DemoAnswer(_model(asked), words, "stop" if len(words) == len(WORDS) else "length", read)


def _model(asked: Mapping[str, Any]) -> str:
    return str(asked.get("model") or "demo")


def _inputs(given: Any) -> list[str]:
    """A text, a list of texts, tokens, or a list of lists of tokens."""
    many = isinstance(given, list) and not all(isinstance(item, int) for item in given)
    return [str(item) for item in given] if many else [str(given)]


def _vector(text: str, in_base64: bool) -> list[float] | str:
    """Of length 1, the same for the same text."""
    raw = hashlib.shake_256(text.encode("utf-8", "replace")).digest(DIMENSIONS)
    centred = [byte - 127.5 for byte in raw]
    length = sum(value * value for value in centred) ** 0.5
    vector = [value / length for value in centred]
    return base64.b64encode(struct.pack(f"<{DIMENSIONS}f", *vector)).decode() if in_base64 else vector


async def _body(request: Request) -> dict[str, Any] | None:
    try:
        data = json.loads(await request.body())
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None


def _refusal() -> Response:
    error = {"message": "the body must be a JSON object", "type": "invalid_request_error", "code": "bad_request"}
    return JSONResponse({"error": error}, 400, headers=_CLOSE)
