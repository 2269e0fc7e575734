"""Whether programs can read an answer: tool calls whose arguments are JSON, and answers that were to be JSON.

An answer is looked at as LiteLLM reports it, and forgotten: only counts leave. Chat completions and responses are; in
messages the arguments of a tool are no text.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

MOST = 65_536  # characters; what is longer is not looked at, since requests wait for the loop
_JSON = ("json_object", "json_schema")
_REDACTED = "redacted-by-litellm"  # what LiteLLM puts in the place of answers that are not to be logged


def parsed(body: Mapping[str, Any], answer: object) -> dict[str, int]:
    """`tool_calls` and `json_answers`, and how many of them are `..._invalid`. `body`: what the client sent."""
    found = _counted("tool_calls", list(_arguments(answer)))
    return found | (_counted("json_answers", list(_texts(answer))) if _wants_json(body) else {})


def _counted(name: str, texts: list[str]) -> dict[str, int]:
    seen = [text for text in texts if len(text) <= MOST and text != _REDACTED]
    invalid = sum(not _parses(text) for text in seen)
    return {each: count for each, count in ((name, len(seen)), (f"{name}_invalid", invalid)) if count}


def _parses(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _wants_json(body: Mapping[str, Any]) -> bool:
    given = body.get("response_format") or _of(body.get("text"), "format")
    return _of(given, "type") in _JSON


def _arguments(answer: object) -> Iterator[str]:
    for message in _messages(answer):
        for call in _list(message, "tool_calls"):
            yield from _text(_of(_of(call, "function"), "arguments") or "{}")  # some send nothing for no arguments
    for item in _list(answer, "output"):
        if _of(item, "type") == "function_call":
            yield from _text(_of(item, "arguments") or "{}")


def _texts(answer: object) -> Iterator[str]:
    """What was said; nothing where a tool was called instead."""
    for message in _messages(answer):
        if not _list(message, "tool_calls"):
            yield from _text(_of(message, "content"))
    for item in _list(answer, "output"):
        for part in _list(item, "content"):
            if _of(part, "type") == "output_text":
                yield from _text(_of(part, "text"))


def _messages(answer: object) -> Iterator[object]:
    return (_of(choice, "message") for choice in _list(answer, "choices"))


def _text(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value


def _list(value: object, name: str) -> list[object]:
    found = _of(value, name)
    return found if isinstance(found, list) else []


def _of(value: object, name: str) -> object:
    return value.get(name) if isinstance(value, dict) else getattr(value, name, None)
