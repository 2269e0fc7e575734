"""Fallbacks have a shape that LiteLLM does not read.

`fallbacks`, `context_window_fallbacks` and `content_policy_fallbacks` are lists of mappings with one key each: the
model that fails, and the list of those to try. LiteLLM refuses to start on most other shapes; a text where a list is
meant is read letter by letter, and `context_window_fallbacks` of another shape are never looked at. Since 1.108.1
LiteLLM does not start on a text in place of a list either.

Before:

    router_settings:
      fallbacks:
        - gpt-6-luna
        - claude-haiku-4-5: gpt-6-luna

After:

    router_settings:
      fallbacks:
        - claude-haiku-4-5: [gpt-6-luna]
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from yaml.nodes import Node, ScalarNode

from modelctl.check.found import Found, Spot
from modelctl.check.subject import Subject
from modelctl.errors import Severity
from modelctl.litellm_spec.config import (
    CHAIN_SECTIONS,
    DEFAULT_FALLBACKS,
    FALLBACK_KINDS,
    ConfigChain,
    chains_in,
    step_name,
)
from modelctl.litellm_spec.supported_lines import since

if TYPE_CHECKING:
    from modelctl.check.fixable import At

SEVERITY = "error"
INPUTS = ("config",)


def whole(subject: Subject) -> Iterator[Found]:
    for section in CHAIN_SECTIONS:
        for kind in FALLBACK_KINDS:
            written = subject.section(section).get(kind)
            if written and not isinstance(written, list):
                yield Found(f"`{kind}` is a list", subject.at(section, kind), "- MODEL: [FALLBACK]")
    for chain in chains_in(subject.sections):
        yield from _unreadable(chain, subject) if _is_no_chain(chain) else _steps(chain, subject.at(*chain.path))


def _is_no_chain(chain: ConfigChain) -> bool:
    return not chain.alone or (chain.name is None and chain.steps is None)


def _unreadable(chain: ConfigChain, subject: Subject) -> Iterator[Found]:
    """LiteLLM does not start on this, but for the one list that it never looks at: there it is in vain."""
    severity: Severity = "warning" if chain.kind == "context_window_fallbacks" else "error"
    text = f"an entry of `{chain.kind}` is a mapping with one key, the model"
    yield Found(text, subject.at(*chain.element), "- MODEL: [FALLBACK]", severity)


def _steps(chain: ConfigChain, spot: Spot) -> Iterator[Found]:
    owner = "every model" if chain.kind == DEFAULT_FALLBACKS else f"`{chain.name}`"
    if chain.steps is None:
        stops = "; since 1.108.1 LiteLLM does not start on this" if since("1.108.1") else ""
        yield Found(f"the fallbacks of {owner} are a list{stops}", spot, "[FALLBACK]")
        return
    for step in chain.steps:
        if not isinstance(step_name(step), str):
            yield Found(f"a fallback of {owner} is the name of a model", spot)


def fix(at: At) -> tuple[Node, str] | None:
    """One name in place of a list of names."""
    node = at.following
    if not isinstance(node, ScalarNode) or not node.tag.endswith(":str") or node.style in ("|", ">") or not node.value:
        return None
    if at.node.value in FALLBACK_KINDS or any(char in at.written(node) for char in "[]{},\n"):
        return None
    return node, f"[{at.written(node)}]"
