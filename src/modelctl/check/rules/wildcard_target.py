"""An alias, a route or a fallback leads to a wildcard itself.

A wildcard serves the names that fit it; asked for `openai/*` by that name, LiteLLM asks the provider for the model `*`,
and each call fails. Name one model that it serves.

Before:

    router_settings:
      model_group_alias:
        fast: openai/*

After:

    router_settings:
      model_group_alias:
        fast: openai/gpt-6-luna
"""

from __future__ import annotations

from collections.abc import Iterator

from modelctl.check.found import Found
from modelctl.check.subject import Subject

SEVERITY = "error"


def whole(subject: Subject) -> Iterator[Found]:
    open_ended = {name for name in subject.wildcards if all("*" in entry.model for entry in subject.groups[name])}
    if not open_ended:
        return
    for alias in subject.aliases:
        if alias.target in open_ended:
            yield Found(_text(f"`{alias.name}` points to", alias.target), alias.spot, _hint(alias.target))
    for chain in subject.chains:
        for name, spot in chain.steps:
            if name in open_ended:
                yield Found(_text(f"{chain.owner} falls back to", name), spot, _hint(name))


def _text(what: str, name: str) -> str:
    return f"{what} the wildcard `{name}` itself: the provider would be asked for a model `*`"


def _hint(name: str) -> str:
    return f"name a model that it serves, such as `{name.replace('*', 'MODEL')}`"
