"""Fallbacks are written for a name that no request can have.

There is neither a model nor an alias of that name, so the chain is never looked at. The usual causes are a name that
was changed elsewhere, and the provider's model string in place of `model_name`.

Before:

    model_list:
      - model_name: gpt
        litellm_params: {model: openai/gpt-5-mini}
    router_settings:
      fallbacks:
        - openai/gpt-5-mini: [gpt]

After:

    router_settings:
      fallbacks:
        - gpt: [claude]
"""

from __future__ import annotations

from collections.abc import Iterator

from modelctl.rules.subject import Found, Subject, nearest

SEVERITY = "warning"
INPUTS = ("config",)


def whole(subject: Subject) -> Iterator[Found]:
    aliases = {alias.name for alias in subject.aliases}
    for chain in subject.chains:
        if chain.name != "*" and chain.name not in aliases and not subject.has_model(chain.name) and not subject.open:
            text = f"no model and no alias is called `{chain.name}`: these fallbacks are never used"
            yield Found(text, chain.spot, nearest(chain.name, [*subject.groups, *aliases]))
