"""The one tag by which usage can be grouped beside what LiteLLM tells: a header, or a key that clients send along."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from modelctl.errors import UsageError
from modelctl.hook.payload import LitellmEvent, mapping
from modelctl.text.secret_shapes import redacted

VARIABLE = "MODELCTL_USAGE_TAG"
LONGEST = 60  # characters of a value
UNTAGGED, OTHER = "none", "other"
_WRITTEN = re.compile(r"(header|metadata|tags):([\w.-]{1,100})")
_SECRET = re.compile(r"auth|cookie|key|secret|token", re.I)
HINT = "header:x-team, metadata:team, or tags:team (LiteLLM's tags `team:NAME`)"


@dataclass(frozen=True, slots=True)
class UsageTag:
    kind: Literal["header", "metadata", "tags"]
    name: str

    def value(self, event: LitellmEvent) -> str:
        """UNTAGGED where the request has none; OTHER for what is no name: too long, unprintable, like a secret."""
        found = self._found(event)
        if not isinstance(found, str) or not found.strip():
            return UNTAGGED
        text = found.strip()
        return text if len(text) <= LONGEST and text.isprintable() and redacted(text) == text else OTHER

    def _found(self, event: LitellmEvent) -> object:
        if self.kind == "header":
            headers = mapping(event.request.get("headers"))
            return next((value for name, value in headers.items() if str(name).lower() == self.name.lower()), None)
        if self.kind == "metadata":
            body = mapping(event.request.get("body"))
            return {**mapping(body.get("litellm_metadata")), **mapping(body.get("metadata"))}.get(self.name)
        tags = event.metadata("tags")
        prefix = f"{self.name}:"
        found = (one for one in (tags if isinstance(tags, list) else ()) if isinstance(one, str))
        return next((one.removeprefix(prefix) for one in found if one.startswith(prefix)), None)


def usage_tag(environ: Mapping[str, str]) -> UsageTag | None:
    """Raises UsageError for what names no tag, or names what may hold a secret."""
    text = environ.get(VARIABLE, "").strip()
    if not text:
        return None
    match = _WRITTEN.fullmatch(text)
    if match is None:
        raise UsageError(f"{VARIABLE} names no tag: usage is not grouped by one", hint=HINT)
    if _SECRET.search(match[2]):
        raise UsageError(f"{VARIABLE}: `{match[2]}` may hold a secret, which is never kept", hint=HINT)
    kind: Literal["header", "metadata", "tags"] = match[1]  # type: ignore[assignment]
    return UsageTag(kind, match[2])
