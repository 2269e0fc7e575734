"""One streamed answer: its words as they come, how long it took and what it cost."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Mapping
from typing import Any

import httpx

from modelctl.litellm_spec.error_text import message_of
from modelctl.service.model_index import Target


class Failed(Exception):
    def __init__(self, status: int, message: str) -> None:
        self.status, self.message = status, message


class StreamedAnswer:
    """The answer of one model so far."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._began = time.monotonic()
        self._first: float | None = None
        self._usage: dict[str, Any] = {}
        self._finish: str | None = None
        self.answered: str | None = None  # LiteLLM's model string, e.g. `openai/gpt-6-luna`

    @property
    def ms(self) -> float:
        return round((time.monotonic() - self._began) * 1000, 1)

    @property
    def began_to_speak(self) -> bool:
        return self._first is not None

    def take(self, line: bytes) -> list[dict[str, str]]:
        """The words of one line of the stream. Raises Failed for an error in it."""
        if not line.startswith(b"data:") or line[5:].strip() in (b"[DONE]", b""):
            return []
        try:
            chunk = json.loads(line[5:])
        except ValueError:
            raise Failed(502, "an answer that is no JSON") from None
        if not isinstance(chunk, dict):
            return []
        if chunk.get("error"):
            error = chunk["error"]
            code = error.get("code") if isinstance(error, dict) else None
            raise Failed(int(str(code)) if str(code).isdigit() else 500, message_of(chunk))
        self._usage = chunk.get("usage") or self._usage
        deltas = [self._delta(choice) for choice in chunk.get("choices") or ()]
        return [delta for delta in deltas if delta]

    def _delta(self, choice: dict[str, Any]) -> dict[str, str]:
        delta = choice.get("delta") or {}
        self._finish = choice.get("finish_reason") or self._finish
        words = {"text": delta.get("content"), "reasoning": delta.get("reasoning_content")}
        texts = {name: text for name, text in words.items() if isinstance(text, str) and text}
        if texts and self._first is None:
            self._first = self.ms
        return texts

    def summary(self) -> dict[str, Any]:
        tokens = {"input": self._usage.get("prompt_tokens"), "output": self._usage.get("completion_tokens")}
        return {
            "ttft_ms": self._first,
            "total_ms": self.ms,
            "tokens": tokens,
            "cost": cost(self._usage, self._target),
            "finish_reason": self._finish,
            "answered": self.answered,
        }


def cost(usage: Mapping[str, Any], target: Target) -> dict[str, Any]:
    """`{usd, source}`: LiteLLM's own number where its usage holds one, else by the listed price per 1M tokens."""
    given = usage.get("cost")
    price = dict(target.model.price) if target.model else {}
    unpriced = price.get("input") is None or price.get("output") is None
    if isinstance(given, (int, float)) and (given or not unpriced):  # LiteLLM says 0 where it knows no price
        return {"usd": given, "source": "litellm"}
    sent, received = usage.get("prompt_tokens"), usage.get("completion_tokens")
    if sent is None or received is None or unpriced:
        return {"usd": None, "source": "unknown"}
    cached = (usage.get("prompt_tokens_details") or {}).get("cached_tokens") or 0
    rate = price.get("cached_input")
    cheap = cached if rate is not None else 0
    usd = (sent - cheap) * price["input"] + cheap * (rate or 0.0) + received * price["output"]
    return {"usd": round(usd / 1_000_000, 10), "source": "listed price"}


async def lines(reply: httpx.Response) -> AsyncIterator[bytes]:
    """Only a line feed ends a line here; httpx would also split at characters that models may say."""
    rest = b""
    async for piece in reply.aiter_bytes():
        *whole, rest = (rest + piece).split(b"\n")
        for line in whole:
            yield line.rstrip(b"\r")
    if rest:
        yield rest


def message(raw: bytes) -> str:
    try:
        return message_of(json.loads(raw))
    except ValueError:
        return raw[:500].decode("utf-8", "replace")
