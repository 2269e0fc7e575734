"""What is known of a model: one table, a field for each fact.

A new fact is a row here. `make docs` writes it into the catalog's schema, the API's answers and the page's scripts
(scripts/fact_tables.py); everything else goes through the table. On the page a capability also needs an icon of its
own (`.i-<key>` in web/icons.css).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal, NamedTuple, get_type_hints

Kind = Literal["text", "count", "flag"]


class FactRow(NamedTuple):
    """`litellm` is LiteLLM's name, in the price map and in `model_info` alike; `requires` is the key under a route's
    `requires`; `label` and `about` are words for people."""

    kind: Kind
    litellm: str
    requires: str
    label: str
    about: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFacts:
    """None is unknown. The order is that of every table and answer, and of what a revision is the digest of."""

    mode: Annotated[str | None, FactRow("text", "mode", "mode", "Kind", "What kind of requests it takes.")] = None
    context_window: Annotated[
        int | None,
        FactRow("count", "max_input_tokens", "context_window", "Context", "Tokens that one request may hold."),
    ] = None
    max_output_tokens: Annotated[
        int | None,
        FactRow(
            "count", "max_output_tokens", "max_output_tokens", "Longest answer", "Tokens that one answer may hold."
        ),
    ] = None
    supports_streaming: Annotated[
        bool | None, FactRow("flag", "supports_native_streaming", "streaming", "Streaming", "Answers can be streamed.")
    ] = None
    supports_tools: Annotated[
        bool | None, FactRow("flag", "supports_function_calling", "tools", "Tools", "Function calling.")
    ] = None
    supports_vision: Annotated[bool | None, FactRow("flag", "supports_vision", "vision", "Vision", "Reads images.")] = (
        None
    )
    supports_audio: Annotated[
        bool | None, FactRow("flag", "supports_audio_input", "audio", "Audio", "Hears audio.")
    ] = None
    supports_json: Annotated[
        bool | None, FactRow("flag", "supports_response_schema", "json", "JSON", "Answers by a JSON schema.")
    ] = None
    is_reasoning: Annotated[
        bool | None, FactRow("flag", "supports_reasoning", "reasoning", "Reasoning", "Thinks before it answers.")
    ] = None


FACTS: dict[str, FactRow] = {
    name: hint.__metadata__[0] for name, hint in get_type_hints(ModelFacts, include_extras=True).items()
}
_AS_RENDERED = sorted(FACTS, key=lambda name: (FACTS[name].kind != "flag", name == "supports_streaming"))
LITELLM_NAMES = {name: FACTS[name].litellm for name in _AS_RENDERED}
"""In the order in which a rendered config states them."""
COUNTS = tuple(name for name, row in FACTS.items() if row.kind == "count")
CAPABILITIES = {row.requires: name for name, row in FACTS.items() if row.kind == "flag"}
"""What a route may require of its models -> the fact that says so."""

_SHOWN_FIRST = ("vision", "reasoning", "streaming")
SHOWN = (*_SHOWN_FIRST, *(key for key in CAPABILITIES if key not in _SHOWN_FIRST))
"""The capabilities in the order in which the page shows them."""
