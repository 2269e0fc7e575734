"""What a client of the proxy sees: an answer's words, its headers, and how a stream went."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import httpx

PATHS = {"chat": "/v1/chat/completions", "messages": "/v1/messages", "responses": "/v1/responses"}


@dataclass(frozen=True)
class Answer:
    """`text` is what the model said, or the body of a refusal."""

    status: int
    text: str
    headers: httpx.Headers = field(repr=False)
    body: Any = field(default=None, repr=False)

    @property
    def ok(self) -> bool:
        return self.status == 200

    @property
    def deployment(self) -> str | None:
        return self.headers.get("x-litellm-model-id")

    @property
    def group(self) -> str | None:
        """The public name that answered, also behind a route."""
        return self.headers.get("x-litellm-model-group")


class Client:
    """Talks to one proxy address with the master key; any `kind` is `chat`, `messages` or `responses`."""

    def __init__(self, url: str, key: str, timeout: float = 60.0) -> None:
        self.url, self.key = url, key
        self.http = httpx.Client(
            base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=timeout, trust_env=False
        )

    def close(self) -> None:
        self.http.close()

    def ask(self, model: str, kind: str = "chat", words: str = "hello", **extra: Any) -> Answer:
        reply = self.http.post(PATHS[kind], json={**question(kind, model, words), **extra})
        return answer(kind, reply)

    def chat(self, model: str, words: str = "hello", **extra: Any) -> Answer:
        return self.ask(model, "chat", words, **extra)

    def messages(self, model: str, words: str = "hello", **extra: Any) -> Answer:
        return self.ask(model, "messages", words, **extra)

    def responses(self, model: str, words: str = "hello", **extra: Any) -> Answer:
        return self.ask(model, "responses", words, **extra)

    def embeddings(self, model: str, words: str = "hello") -> httpx.Response:
        return self.http.post("/v1/embeddings", json={"model": model, "input": words})

    def stream(self, model: str, kind: str = "chat", words: str = "hello", **extra: Any) -> Stream:
        """An open stream whose first piece is here; the caller reads the `rest()` when it likes."""
        return Stream(self.http, kind, {**question(kind, model, words), "stream": True, **extra})

    def models(self) -> list[str]:
        """The ids of /v1/models."""
        return [each["id"] for each in self.http.get("/v1/models").raise_for_status().json()["data"]]

    def model_info(self, model: str) -> list[dict[str, Any]]:
        """The entries of /v1/model/info for one public name."""
        data = self.http.get("/v1/model/info").raise_for_status().json()["data"]
        return [each for each in data if each["model_name"] == model]


class Stream:
    """`pieces` grows while it is read; `complete` once the stream has said that it is over."""

    def __init__(self, http: httpx.Client, kind: str, body: dict[str, Any]) -> None:
        self.kind, self.pieces, self.complete = kind, [], False
        self._reply = http.send(http.build_request("POST", PATHS[kind], json=body), stream=True)
        self.status, self.headers = self._reply.status_code, self._reply.headers
        self._events = self._read()
        while not self.pieces and next(self._events, None) is not None:
            pass

    pieces: list[str]

    @property
    def text(self) -> str:
        return "".join(self.pieces)

    def rest(self) -> str:
        """Read to the end and give the whole text."""
        for _ in self._events:
            pass
        return self.text

    def close(self) -> None:
        self._reply.close()

    def _read(self) -> Iterator[bool]:
        if self.status != 200:
            self.pieces.append(self._reply.read().decode(errors="replace"))
            return
        for line in self._reply.iter_lines():
            if line.startswith("data:"):
                word, over = piece(self.kind, line.removeprefix("data:").strip())
                if word:
                    self.pieces.append(word)
                self.complete = self.complete or over
                yield True
        self._reply.close()


def question(kind: str, model: str, words: str) -> dict[str, Any]:
    if kind == "responses":
        return {"model": model, "input": words}
    body: dict[str, Any] = {"model": model, "messages": [{"role": "user", "content": words}]}
    return {**body, "max_tokens": 100} if kind == "messages" else body


def answer(kind: str, reply: httpx.Response) -> Answer:
    body: Any = None
    with suppress(json.JSONDecodeError):
        body = reply.json()
    text = said(kind, body) if reply.status_code == 200 else reply.text
    return Answer(reply.status_code, text, reply.headers, body)


def said(kind: str, body: Any) -> str:
    """The words of a whole answer."""
    if kind == "chat":
        return str(body["choices"][0]["message"]["content"])
    if kind == "messages":
        return "".join(block.get("text", "") for block in body["content"])
    parts = [part for item in body["output"] for part in item.get("content") or []]
    return "".join(part.get("text", "") for part in parts)


def piece(kind: str, data: str) -> tuple[str, bool]:
    """(words, is this the end) of one event's data."""
    if data == "[DONE]":
        return "", True
    event = json.loads(data)
    if kind == "chat":
        choices = event.get("choices") or [{}]
        return choices[0].get("delta", {}).get("content") or "", False
    if kind == "messages":
        return event.get("delta", {}).get("text") or "", event.get("type") == "message_stop"
    words = event.get("delta", "") if event.get("type") == "response.output_text.delta" else ""
    return words, event.get("type") == "response.completed"
