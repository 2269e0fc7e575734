"""A number that the Rust router does not take (since LiteLLM 1.110.0).

LiteLLM's router runs in Rust only since 1.110.0, and the start fails where a count is below zero or no whole number.
Earlier releases took a negative count as none at all, and looked at `max_parallel_requests` only with a first request.

Before:

    model_list:
      - model_name: gpt
        litellm_params: {model: openai/gpt-6-luna, api_key: os.environ/OPENAI_API_KEY, max_parallel_requests: -1}
    router_settings:
      retry_policy: {TimeoutErrorRetries: -1}

After:

    model_list:
      - model_name: gpt
        litellm_params: {model: openai/gpt-6-luna, api_key: os.environ/OPENAI_API_KEY}
    router_settings:
      retry_policy: {TimeoutErrorRetries: 0}
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from yaml.nodes import Node

from modelctl.rules.subject import Found, Subject

if TYPE_CHECKING:
    from modelctl.rules.fixes import At

SEVERITY = "error"
SINCE = "1.110.0"
_POLICIES = ("retry_policy", "allowed_fails_policy")
_PARAMS = ("max_parallel_requests",)


def entries(subject: Subject) -> Iterator[Found]:
    for entry in subject.entries:
        for name in _PARAMS:
            if _declined(entry.params.get(name)):
                yield Found(_text(name, entry.params[name]), entry.at("litellm_params", name, value=True), "remove it")


def whole(subject: Subject) -> Iterator[Found]:
    for policy in _POLICIES:
        counts = subject.section("router_settings").get(policy)
        for name, count in counts.items() if isinstance(counts, Mapping) else ():
            if isinstance(count, int) and count < 0:
                yield Found(_text(name, count), subject.at("router_settings", policy, name, value=True), "0")


def _declined(value: Any) -> bool:
    """References are looked up before LiteLLM builds its router, so they say nothing here."""
    if isinstance(value, bool) or value is None:
        return isinstance(value, bool)
    if isinstance(value, str):
        return not value.startswith("os.environ/")
    return not isinstance(value, int) or value < 0


def _text(name: str, value: Any) -> str:
    return f"LiteLLM does not start on `{name}: {value}` since {SINCE}: its router takes whole numbers from zero on"


def fix(at: At) -> tuple[Node, str] | None:
    """A count below zero is none at all: no retries, and no limit."""
    if not re.fullmatch(r"-\d+", at.plain(at.node) or ""):
        return None
    return at.node, "null" if at.key in _PARAMS else "0"
