"""Which answers count as ones that programs can read."""

from __future__ import annotations

import json
from typing import Any

import pytest

from modelctl.hook.validity import MOST, parsed

JSON = {"response_format": {"type": "json_object"}}
TEXT = {"text": {"format": {"type": "json_schema"}}}


def said(content: str | None = None, *arguments: str | None) -> dict[str, Any]:
    calls = [{"function": {"name": "look", "arguments": each}} for each in arguments]
    return {"choices": [{"message": {"content": content, "tool_calls": calls or None}}]}


def output(text: str, *arguments: str) -> dict[str, Any]:
    items = [{"type": "message", "content": [{"type": "output_text", "text": text}]}]
    return {"output": [*items, *({"type": "function_call", "arguments": each} for each in arguments)]}


@pytest.mark.parametrize(
    ("body", "answer", "found"),
    [
        ({}, said("no JSON, and none was asked for"), {}),
        (JSON, said('{"a": 1}'), {"json_answers": 1}),
        (JSON, said('{"a": 1'), {"json_answers": 1, "json_answers_invalid": 1}),
        (JSON, said('```json\n{"a": 1}\n```'), {"json_answers": 1, "json_answers_invalid": 1}),
        (JSON, said("[" * 50_000), {"json_answers": 1, "json_answers_invalid": 1}),
        (JSON, said("x" * (MOST + 1)), {}),
        (JSON, said("redacted-by-litellm"), {}),
        ({}, said(None, '{"a": 1}', '{"a": '), {"tool_calls": 2, "tool_calls_invalid": 1}),
        ({}, said(None, "", None), {"tool_calls": 2}),
        (JSON, said(None, "{}"), {"tool_calls": 1}),
        (TEXT, output("[]", "{}", "{"), {"json_answers": 1, "tool_calls": 2, "tool_calls_invalid": 1}),
        ({"response_format": {"type": "text"}}, said("words"), {}),
        ({"response_format": "json"}, said("words"), {}),
        (JSON, None, {}),
        (JSON, {"choices": "none"}, {}),
        (JSON, {"data": [{"embedding": [0.5]}]}, {}),
    ],
)
def test_parsed(body: dict[str, Any], answer: object, found: dict[str, int]) -> None:
    assert parsed(body, answer) == found


def test_objects_are_read_like_mappings() -> None:
    class Message:
        content, tool_calls = json.dumps({"a": 1}), None

    class Choice:
        message = Message

    class Answered:
        choices = (Choice,)

    Answered.choices = [Choice]  # type: ignore[assignment]
    assert parsed(JSON, Answered) == {"json_answers": 1}
