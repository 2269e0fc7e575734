"""LiteLLM's errors as a person would say them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from modelctl.text.redact import mask

LONGEST = 300
_NOISE = re.compile(r"^(?:litellm\.)?(?:\w+Error|\w+Exception)\s*[:-]\s*")
_TAIL = re.compile(
    r"\s*(?:\. )?(?:Received Model Group=|Available Model Group Fallbacks=|LiteLLM Retried:|No fallback).*", re.DOTALL
)
_OBJECTS = re.compile(
    r"\s*\bssl:(?:<[^>]*>|default|None|True|False)|<[\w.]+ object at 0x[0-9a-f]+>"
)  # Python's own words
_PLAIN = (
    ("AuthenticationError", "the provider refuses the key"),
    ("PermissionDenied", "the provider does not allow this key to use the model"),
    ("RateLimit", "the provider says: too many requests, or no credit left"),
    ("ContextWindow", "the request is too long for the model"),
    ("NotFound", "the provider does not know this model"),
    ("Timeout", "the provider did not answer in time"),
    ("APIConnection", "the provider cannot be reached"),
    ("ServiceUnavailable", "the provider is down or overloaded"),
    ("InternalServer", "the provider failed"),
    ("Invalid model name", "the proxy does not know this model"),
    ("No deployments available", "every deployment of it is cooling down after a failure"),
)


def plain(status: int, message: str, key: str | None = None, environ: Mapping[str, str] | None = None) -> str:
    """LiteLLM's error in plain words, then the provider's message; never a key."""
    meaning = next((words for sign, words in _PLAIN if sign in message), None)
    if status == 401 and "AuthenticationError" not in message:
        meaning = "the proxy refuses the key (LITELLM_MASTER_KEY)"
    text = _OBJECTS.sub("", _TAIL.sub("", message)).strip()
    while (shorter := _NOISE.sub("", text)) != text:
        text = shorter
    text = mask(" ".join(text.split()), {**(environ or {}), "KEY": key or ""})
    text = text if len(text) <= LONGEST else f"{text[: LONGEST - 4].rpartition(' ')[0] or text[: LONGEST - 4]} ..."
    return f"{meaning}: {text}" if meaning else text or f"status {status}"


def message_of(answer: object) -> str:
    """What an answer in the shape of OpenAI's errors says."""
    error = answer.get("error") if isinstance(answer, dict) else None
    return str(error.get("message", error)) if isinstance(error, dict) else str(error or answer)
