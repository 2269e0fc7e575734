"""One prompt to several models at once: what each says, as it says it, how long it took and what it cost.

Requests go to the proxy, each under its model's own public name and without fallbacks, so that no
other model answers for it. Routes are not touched.
"""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from modelctl.errors import ModelctlError, Refused
from modelctl.litellm_spec.error_text import plain
from modelctl.litellm_spec.modes import is_chat
from modelctl.service.model_index import Index, Target
from modelctl.service.streamed_answer import Failed, StreamedAnswer, lines, message
from modelctl.service.test_request import Busy
from modelctl.text.nearest import nearest
from modelctl.usage import PROBE

FEWEST, MOST_MODELS = 1, 4
MOST_AT_ONCE = 4
TIMEOUT_S, LONGEST_S = 120.0, 600.0
BEAT_S = 15.0  # a silent stream says that it lives this often
PARAMS = (
    "temperature", "top_p", "top_k", "min_p", "max_tokens", "max_completion_tokens", "stop", "seed", "presence_penalty",
    "frequency_penalty", "reasoning_effort", "verbosity", "response_format", "logit_bias", "thinking",
)  # fmt: skip

Event = dict[str, Any]
log = logging.getLogger("modelctl.compare")


@dataclass(frozen=True)
class ProxyAddress:
    url: str
    key: str | None = field(repr=False)


@dataclass(frozen=True)
class Question:
    """The prompt for every model; `timeout` in seconds, for each."""

    messages: Sequence[Mapping[str, Any]]
    params: Mapping[str, Any]
    timeout: float = TIMEOUT_S

    def body(self, model: str) -> bytes:
        own = {"model": model, "messages": self.messages, "stream": True, "disable_fallbacks": True}
        return json.dumps({**self.params, **own, "stream_options": {"include_usage": True}}).encode()


def targets(index: Index, names: Sequence[str]) -> list[Target]:
    """The models by what people call them. Raises NotFound (with the nearest), Refused, ModelctlError."""
    found = [index.resolve(name) for name in names]
    if len({one.name for one in found}) < len(found):
        raise ModelctlError("each model may stand once in a comparison")
    if not FEWEST <= len(found) <= MOST_MODELS:
        raise ModelctlError(f"a comparison takes {FEWEST} to {MOST_MODELS} models")
    for one in found:
        model = one.model
        if model and not model.rendered:
            raise Refused(f"`{one.name}` is retired and not rendered: it takes no requests")
        if model and not is_chat(model.mode):
            raise Refused(f"`{one.name}` is no chat model (mode `{model.mode}`)")
    return found


def check_params(params: Mapping[str, Any]) -> None:
    """Only what shapes the answer: whom to ask, with which key, is not the caller's to say."""
    for name in params:
        if name not in PARAMS:
            near = nearest(name, PARAMS)
            hint = f"did you mean `{near}`?" if near else f"one of {', '.join(PARAMS)}"
            raise ModelctlError(f"`{name[:60]}` is not a parameter that a comparison takes", hint=hint)


class Compares:
    """Those that run, by id."""

    def __init__(self) -> None:
        self._running: dict[str, Comparison] = {}

    def start(self, asked: list[Target], question: Question, proxy: ProxyAddress) -> Comparison:
        """Raises Busy."""
        if len(self._running) >= MOST_AT_ONCE:
            raise Busy(f"{MOST_AT_ONCE} comparisons are running already", hint="stop one, or try again in a moment")
        comparison = Comparison(asked, question, proxy)
        self._running[comparison.id] = comparison
        comparison.work.add_done_callback(lambda _: self._running.pop(comparison.id, None))
        return comparison

    def get(self, id: str) -> Comparison | None:
        return self._running.get(id)


class Comparison:
    """Runs from the moment it is made; `events` tells of it, and ends it when nobody listens any more."""

    def __init__(self, asked: list[Target], question: Question, proxy: ProxyAddress) -> None:
        self.id = secrets.token_urlsafe(9)
        self.asked = {one.name: one for one in asked}
        self._question, self._proxy = question, proxy
        self._told: asyncio.Queue[Event | None] = asyncio.Queue()
        self._each: dict[str, asyncio.Task[None]] = {}
        self.work = asyncio.create_task(self._run())

    async def events(self) -> AsyncGenerator[Event | None]:
        """None is a beat: nothing happened for a while."""
        try:
            yield {"event": "compare", "id": self.id, "models": list(self.asked)}
            while True:
                try:
                    async with asyncio.timeout(BEAT_S):
                        event = await self._told.get()
                except TimeoutError:
                    yield None
                    continue
                if event is None:
                    break
                yield event
            yield {"event": "end"}
        finally:
            self.work.cancel()

    def stop(self, model: str | None = None) -> list[str]:
        """Stop one model, or all; returns those that were under way."""
        names = [name for name, task in self._each.items() if model in (None, name) and not task.done()]
        for name in names:
            self._each[name].cancel()
        return names

    async def _run(self) -> None:
        try:
            headers = {PROBE: "compare"}
            headers |= {"authorization": f"Bearer {self._proxy.key}"} if self._proxy.key else {}
            times = httpx.Timeout(None, connect=5.0)
            secure = not self._proxy.url.startswith("http://")  # else it reads all certificates, 20 ms of this loop
            async with (
                httpx.AsyncClient(
                    base_url=self._proxy.url, headers=headers, timeout=times, trust_env=False, verify=secure
                ) as client,
                asyncio.TaskGroup() as group,
            ):
                self._each = {name: group.create_task(self._ask(client, one)) for name, one in self.asked.items()}
        finally:
            self._told.put_nowait(None)

    async def _ask(self, client: httpx.AsyncClient, target: Target) -> None:
        answer = StreamedAnswer(target)
        self._tell(target, event="start")
        try:
            async with asyncio.timeout(self._question.timeout):
                await self._stream(client, target, answer)
        except TimeoutError:
            self._tell(target, event="error", status=408, message=f"no end within {self._question.timeout:g} s")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            text = f"LiteLLM at {self._proxy.url} does not answer ({type(error).__name__})"
            if answer.began_to_speak:
                text = "the proxy broke the answer off"
            self._tell(target, event="error", status=503, message=text)
        except asyncio.CancelledError:
            self._tell(target, event="stopped", total_ms=answer.ms)
        except Failed as failed:
            text = plain(failed.status, failed.message, self._proxy.key)
            self._tell(target, event="error", status=failed.status, message=text)
        except Exception:
            log.exception("an answer of %s could not be read", target.name)
            self._tell(target, event="error", status=502, message="the proxy's answer has a shape that is not known")
        else:
            self._tell(target, event="done", **answer.summary())

    async def _stream(self, client: httpx.AsyncClient, target: Target, answer: StreamedAnswer) -> None:
        head = {"content-type": "application/json"}
        body = self._question.body(target.name)
        async with client.stream("POST", "/v1/chat/completions", content=body, headers=head) as reply:
            if reply.status_code != 200:
                raise Failed(reply.status_code, message(await reply.aread()))
            answer.answered = reply.headers.get("x-litellm-model-name")
            async for line in lines(reply):
                for delta in answer.take(line):
                    self._tell(target, event="delta", **delta)

    def _tell(self, target: Target, **event: Any) -> None:
        self._told.put_nowait({"event": event.pop("event"), "model": target.name, **event})
