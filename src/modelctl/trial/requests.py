"""The requests of a trial: every name that clients can send, by every endpoint that fits, and once with a failure."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import httpx

from modelctl.litellm_spec.config import section, step_name
from modelctl.litellm_spec.error_text import message_of, plain
from modelctl.litellm_spec.hot_settings import CHAINS
from modelctl.litellm_spec.modes import is_chat
from modelctl.trial.mocked_config import MASTER_KEY, Mocked, MockedEntry
from modelctl.trial.upstream import Received, Upstream, marks

AT_ONCE = 4
TIMEOUT_S = 60.0
MOST_SILENT = 8  # requests without an answer, after which a LiteLLM is asked no more
CHAT = ("chat", "stream", "messages", "responses")
PATHS = {
    "chat": "/v1/chat/completions",
    "stream": "/v1/chat/completions",
    "messages": "/v1/messages",
    "responses": "/v1/responses",
    "embeddings": "/v1/embeddings",
}
_ENDS = ("[DONE]",)


@dataclass(frozen=True)
class TrialRequest:
    """`name` is what a client sends. `failing`: places in `model_list` of the deployments that fail it."""

    number: int
    name: str
    kind: str
    failing: tuple[int, ...] = ()

    @property
    def key(self) -> tuple[str, str, bool]:
        return (self.name, self.kind, bool(self.failing))


@dataclass(frozen=True)
class TrialAnswer:
    """`by` is the group whose deployment answered, `tried` the groups that were asked before, once for each attempt.

    `sent` is what its provider would have got: path and body. `cost` is LiteLLM's own figure, in USD.
    """

    status: int
    by: str | None = None
    tried: tuple[str, ...] = ()
    error: str | None = None
    cost: float | None = None
    sent: Mapping[str, Any] | None = None

    @property
    def ok(self) -> bool:
        return self.error is None


def matrix(mocked: Mocked) -> list[TrialRequest]:
    """The same for every LiteLLM that is tried on a config."""
    asks = list(_asks(mocked))
    return [TrialRequest(number, *ask) for number, ask in enumerate(asks)]


def _asks(mocked: Mocked) -> Iterator[tuple[str, str, tuple[int, ...]]]:
    groups: dict[str, list[MockedEntry]] = {}
    for entry in mocked.entries:
        groups.setdefault(entry.group, []).append(entry)
    router = section(mocked.config, "router_settings")
    aliases = {str(name): target_of(value) for name, value in section(router, "model_group_alias").items()}
    chained = set(chains(mocked.config))
    for name, target in {**{group: group for group in groups}, **aliases}.items():
        members = groups.get(target, [])
        kinds = _kinds(members)
        asked = name.replace("*", "trial-model")
        yield from ((asked, kind, ()) for kind in kinds)
        failing = tuple(member.index for member in members if member.upstream)
        if kinds and failing and (chained & {name, target, "*"}):
            yield asked, kinds[0], failing


def _kinds(members: Sequence[MockedEntry]) -> tuple[str, ...]:
    modes = {member.mode or None for member in members} or {None}
    if any(is_chat(mode) for mode in modes):
        return CHAT
    return ("embeddings",) if "embedding" in modes else ()


def target_of(alias: object) -> str:
    return str(step_name(alias))


def chains(config: Mapping[str, Any]) -> dict[str, Any]:
    """Name -> fallbacks as written, of all kinds and of both sections; `*` for the default ones."""
    found: dict[str, Any] = {}
    for part in ("litellm_settings", "router_settings"):
        for kind in CHAINS:
            written = section(config, part).get(kind)
            if kind == "default_fallbacks" and written:
                found["*"] = written
            elif isinstance(written, list):
                found.update(
                    {str(name): steps for each in written if isinstance(each, dict) for name, steps in each.items()}
                )
    return found


# -- asking ------------------------------------------------------------------------------------


def ask_all(
    asks: Sequence[TrialRequest],
    url: str,
    upstream: Upstream,
    entries: Iterable[MockedEntry],
    *,
    progress: Callable[[int], None],
) -> dict[tuple[str, str, bool], TrialAnswer]:
    groups = {entry.index: entry.group for entry in entries}
    ids = {entry.id: entry.group for entry in entries}
    answers = {}
    with httpx.Client(base_url=url, timeout=TIMEOUT_S, trust_env=False) as client, ThreadPoolExecutor(AT_ONCE) as pool:
        caller = Caller(client)
        asked = [(ask, pool.submit(caller.ask, ask)) for ask in asks]
        try:
            for number, (ask, coming) in enumerate(asked):
                reply = coming.result()
                answers[ask.key] = _answer(ask, reply, upstream.received(ask.number), groups, ids=ids)
                progress(number + 1)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
    return answers


@dataclass(frozen=True)
class _Reply:
    status: int
    headers: Mapping[str, str]
    text: str


class Caller:
    """Asks one LiteLLM, until it has left too many requests without an answer."""

    def __init__(self, client: httpx.Client) -> None:
        self._client, self._silent = client, 0

    def ask(self, ask: TrialRequest) -> _Reply:
        if self._silent >= MOST_SILENT:
            return _no_answer(f"not asked, since {MOST_SILENT} requests before it had no answer")
        body = _body(ask.kind, ask.name, marks(ask.number, ask.failing))
        try:
            reply = self._client.post(PATHS[ask.kind], json=body, headers={"authorization": f"Bearer {MASTER_KEY}"})
        except httpx.HTTPError as error:
            self._silent += 1
            return _no_answer(f"no answer: {type(error).__name__}")
        return _Reply(reply.status_code, reply.headers, reply.text)


def _no_answer(why: str) -> _Reply:
    return _Reply(0, {}, json.dumps({"error": why}))


def _body(kind: str, name: str, text: str) -> dict[str, Any]:
    if kind == "embeddings":
        return {"model": name, "input": text}
    if kind == "responses":
        return {"model": name, "input": text}
    body = {"model": name, "messages": [{"role": "user", "content": text}], "max_tokens": 64}
    return {**body, "stream": True} if kind == "stream" else body


def _answer(
    ask: TrialRequest, reply: _Reply, received: Sequence[Received], groups: Mapping[int, str], *, ids: Mapping[str, str]
) -> TrialAnswer:
    asked = [each for each in received if not each.path.endswith("/api/show")]
    tried = tuple(groups.get(each.deployment, "?") for each in asked if each.status != 200)
    last = next((each for each in reversed(asked) if each.status == 200), None)
    error = _error(ask.kind, reply)
    by = groups.get(last.deployment) if last else ids.get(reply.headers.get("x-litellm-model-id", ""))
    sent = {"path": last.path, "body": last.body} if last and not error else None
    return TrialAnswer(reply.status, None if error else by, tried, error, _cost(reply), sent)


def _error(kind: str, reply: _Reply) -> str | None:
    try:
        value = json.loads(reply.text) if kind != "stream" or reply.status != 200 else None
    except ValueError:
        value = {"error": f"status {reply.status}, and no JSON"}
    if reply.status != 200:
        return plain(reply.status, message_of(value))
    if kind == "stream":
        return None if reply.text.rstrip().endswith(_ENDS) else "the stream does not end in [DONE]"
    return None


def _cost(reply: _Reply) -> float | None:
    try:
        return float(reply.headers.get("x-litellm-response-cost", ""))
    except ValueError:
        return None
