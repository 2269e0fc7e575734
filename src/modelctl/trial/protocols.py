"""What our upstream answers, in the protocol that the path asks for. Every answer has 1,000 tokens in and 500 out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

TOKENS_IN, TOKENS_OUT = 1000, 500
TEXT = "an answer of modelctl's upstream"
Answer = tuple[str, Iterator[bytes]]  # content type, body
_OPENAI = {"prompt_tokens": TOKENS_IN, "completion_tokens": TOKENS_OUT, "total_tokens": TOKENS_IN + TOKENS_OUT}
_ANTHROPIC = {"input_tokens": TOKENS_IN, "output_tokens": TOKENS_OUT}
_GEMINI = {
    "promptTokenCount": TOKENS_IN,
    "candidatesTokenCount": TOKENS_OUT,
    "totalTokenCount": TOKENS_IN + TOKENS_OUT,
}
_OLLAMA = {"done": True, "done_reason": "stop", "prompt_eval_count": TOKENS_IN, "eval_count": TOKENS_OUT}


def answer(path: str, body: dict[str, Any]) -> Answer | None:
    """None: an unknown protocol."""
    model = str(body.get("model") or "trial")
    for ending, speak in _ENDINGS.items():
        if path.endswith(ending):
            return speak(model, body)
    return None


def _json(value: object) -> Answer:
    return "application/json", iter([json.dumps(value).encode()])


def _events(values: list[tuple[str | None, Any]]) -> Answer:
    def lines() -> Iterator[bytes]:
        for name, value in values:
            text = value if isinstance(value, str) else json.dumps(value)
            yield ((f"event: {name}\n" if name else "") + f"data: {text}\n\n").encode()

    return "text/event-stream", lines()


def _chat(model: str, body: dict[str, Any]) -> Answer:
    head = {"id": "chatcmpl-1", "created": 1, "model": model}
    message = {"role": "assistant", "content": TEXT}
    if not body.get("stream"):
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        return _json({**head, "object": "chat.completion", "choices": [choice], "usage": _OPENAI})
    chunk = {**head, "object": "chat.completion.chunk"}
    first = {**chunk, "choices": [{"index": 0, "delta": message, "finish_reason": None}]}
    last = {**chunk, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], "usage": _OPENAI}
    return _events([(None, first), (None, last), (None, "[DONE]")])


def _completions(model: str, body: dict[str, Any]) -> Answer:
    head = {"id": "cmpl-1", "created": 1, "model": model, "object": "text_completion"}
    whole = {**head, "choices": [{"index": 0, "text": TEXT, "finish_reason": "stop"}], "usage": _OPENAI}
    return _events([(None, whole), (None, "[DONE]")]) if body.get("stream") else _json(whole)


def _messages(model: str, body: dict[str, Any]) -> Answer:
    head = {"id": "msg_1", "type": "message", "role": "assistant", "model": model, "stop_sequence": None}
    if not body.get("stream"):
        content = [{"type": "text", "text": TEXT}]
        return _json({**head, "content": content, "stop_reason": "end_turn", "usage": _ANTHROPIC})
    start: dict[str, Any] = {**head, "content": [], "stop_reason": None, "usage": {**_ANTHROPIC, "output_tokens": 1}}
    end = {"stop_reason": "end_turn", "stop_sequence": None}
    steps: list[dict[str, Any]] = [
        {"type": "message_start", "message": start},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": TEXT}},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": end, "usage": _ANTHROPIC},
        {"type": "message_stop"},
    ]
    return _events([(str(step["type"]), step) for step in steps])


def _responses(model: str, body: dict[str, Any]) -> Answer:
    part = {"type": "output_text", "text": TEXT, "annotations": []}
    item = {"id": "msg_1", "type": "message", "role": "assistant", "status": "completed", "content": [part]}
    usage = {**_ANTHROPIC, "total_tokens": TOKENS_IN + TOKENS_OUT}
    head = {"id": "resp_1", "object": "response", "created_at": 1, "model": model, "tools": []}
    whole = {
        **head, "status": "completed", "output": [item], "usage": usage, "parallel_tool_calls": True,
        "tool_choice": "auto",
    }  # fmt: skip
    if not body.get("stream"):
        return _json(whole)
    place = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
    steps: list[dict[str, Any]] = [
        {"type": "response.created", "response": {**whole, "status": "in_progress", "output": [], "usage": None}},
        {"type": "response.output_text.delta", **place, "delta": TEXT},
        {"type": "response.output_text.done", **place, "text": TEXT},
        {"type": "response.completed", "response": whole},
    ]
    return _events([(str(step["type"]), {**step, "sequence_number": at}) for at, step in enumerate(steps)])


def _embeddings(model: str, body: dict[str, Any]) -> Answer:
    row = {"object": "embedding", "index": 0, "embedding": [0.25, 0.5, 0.75]}
    usage = {"prompt_tokens": TOKENS_IN, "total_tokens": TOKENS_IN}
    return _json({"object": "list", "model": model, "data": [row], "usage": usage})


def _gemini(model: str, body: dict[str, Any]) -> Answer:
    return _json(_gemini_answer())


def _gemini_stream(model: str, body: dict[str, Any]) -> Answer:
    return _events([(None, _gemini_answer())])


def _gemini_answer() -> dict[str, Any]:
    candidate = {"content": {"role": "model", "parts": [{"text": TEXT}]}, "finishReason": "STOP", "index": 0}
    return {"candidates": [candidate], "usageMetadata": _GEMINI, "modelVersion": "trial"}


def _gemini_embedding(model: str, body: dict[str, Any]) -> Answer:
    return _json({"embedding": {"values": [0.25, 0.5, 0.75]}})


def _gemini_embeddings(model: str, body: dict[str, Any]) -> Answer:
    return _json({"embeddings": [{"values": [0.25, 0.5, 0.75]}]})


def _ollama_chat(model: str, body: dict[str, Any]) -> Answer:
    head = {"model": model, "created_at": "2026-01-01T00:00:00Z"}
    whole = {**head, "message": {"role": "assistant", "content": TEXT}, **_OLLAMA}
    return "application/x-ndjson", iter([json.dumps(whole).encode() + b"\n"])


def _ollama_generate(model: str, body: dict[str, Any]) -> Answer:
    whole = {"model": model, "created_at": "2026-01-01T00:00:00Z", "response": TEXT, **_OLLAMA}
    return "application/x-ndjson", iter([json.dumps(whole).encode() + b"\n"])


def _ollama_show(model: str, body: dict[str, Any]) -> Answer:
    return _json({"model_info": {}, "template": "", "capabilities": ["completion", "tools"]})


def _ollama_embed(model: str, body: dict[str, Any]) -> Answer:
    return _json({"model": model, "embeddings": [[0.25, 0.5, 0.75]], "prompt_eval_count": TOKENS_IN})


_ENDINGS: dict[str, Callable[[str, dict[str, Any]], Answer]] = {
    "/chat/completions": _chat,
    "/completions": _completions,
    "/messages": _messages,
    "/responses": _responses,
    "/embeddings": _embeddings,
    ":generateContent": _gemini,
    ":streamGenerateContent": _gemini_stream,
    ":embedContent": _gemini_embedding,
    ":batchEmbedContents": _gemini_embeddings,
    "/api/chat": _ollama_chat,
    "/api/generate": _ollama_generate,
    "/api/show": _ollama_show,
    "/api/embed": _ollama_embed,
}
